import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Health } from './health.js';
import type { Telemetry } from './telemetry.js';

/** /livez, /readyz and /metrics, on a port of their own that is not for the outside. */
export async function startOpsServer(
  host: string,
  port: number,
  health: Health,
  telemetry: Telemetry,
): Promise<{ port: number; stop: () => Promise<void> }> {
  const server: Server = createServer((request, response) => {
    const answer = (status: number, text: string, type = 'text/plain'): void => {
      response.writeHead(status, { 'content-type': type }).end(text);
    };
    if (request.url === '/livez') answer(200, 'alive\n');
    else if (request.url === '/readyz') {
      void health
        .notReady()
        .then((names) => (names.length === 0 ? answer(200, 'ready\n') : answer(503, `${names.join('\n')}\n`)));
    } else if (request.url === '/metrics') {
      telemetry.scrape().then(
        ({ contentType, text }) => answer(200, text, contentType),
        () => answer(500, 'no metrics\n'),
      );
    } else answer(404, 'nothing here\n');
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
