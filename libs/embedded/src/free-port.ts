import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { portsInUse } from './findings.js';

// Below the range from which systems take ports for outgoing connections, so that a port found free stays free.
const LOWEST = 20_000;
const HIGHEST = 32_000;

/** Whether a TCP port of 127.0.0.1 can be listened on now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * A TCP port of 127.0.0.1 that nobody listens on, chosen at random between 20,000 and 32,000.
 * @throws Error when a hundred tries found none.
 */
export async function freePort(): Promise<number> {
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = randomInt(LOWEST, HIGHEST);
    if (await isPortFree(port)) return port;
  }
  throw new Error(`No free port was found between ${LOWEST} and ${HIGHEST}`);
}

/** @throws Error with the sentence of {@link portsInUse} when somebody listens on the port. */
export async function requireFreePort(port: number, purpose: string): Promise<void> {
  if (!(await isPortFree(port))) throw new Error(portsInUse([{ port, purpose }]).sentence);
}
