import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InternalVerifier, type Principal } from '#libs/access';

async function textOf(request: IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}

/** Stands where the normaliser would, with real tokens, and answers what a spec tells it to; 500 when that throws. */
export class NormaliserStandIn {
  answer: (asked: { path: string; principal?: Principal; body: string }) => unknown = () => ({ state: 'received' });
  private server?: Server;

  /** @returns its address */
  async start(keysDir: string): Promise<string> {
    const verifier = InternalVerifier.open(keysDir, 'normaliser');
    const server = createServer((request, response) => {
      verifier
        .verify(request.headers.authorization, ['platform-api'])
        .then(async ({ principal }) => this.answer({ path: request.url ?? '', principal, body: await textOf(request) }))
        .then((json) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(json)))
        .catch(() => response.writeHead(500).end());
    });
    this.server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    this.server?.closeAllConnections();
    await new Promise((resolve) => this.server?.close(resolve));
  }
}
