import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InternalVerifier, type InternalAudience, type Principal } from '#libs/access';

/** A request that a service got from the console. */
export interface Asked {
  service: InternalAudience;
  method: string;
  /** Path and query. */
  path: string;
  principal?: Principal;
  json: unknown;
}

/** What a service answers; `undefined` breaks the connection off. */
export type Answer = { status: number; json: unknown } | undefined;

/**
 * Stands in for the other services, of which an app's tests start none: real HTTP, real tokens, and answers that the
 * test decides, failures included. The whole line is tested elsewhere with the services themselves.
 */
export class PeerStandIn {
  readonly asked: Asked[] = [];
  answer: (asked: Asked) => Answer = () => ({ status: 200, json: {} });
  private readonly servers: Server[] = [];

  /** @returns the address of the service that now stands in for `service` */
  async start(service: InternalAudience, keysDir: string): Promise<string> {
    const verifier = InternalVerifier.open(keysDir, service);
    const server = createServer((request, response) => {
      void this.take(service, verifier, request).then((answer) => {
        if (!answer) return request.socket.destroy();
        response.writeHead(answer.status, { 'content-type': 'application/json' });
        response.end(JSON.stringify(answer.json));
      });
    });
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  }

  async stop(): Promise<void> {
    for (const server of this.servers) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  private async take(service: InternalAudience, verifier: InternalVerifier, request: IncomingMessage): Promise<Answer> {
    try {
      const { principal } = await verifier.verify(request.headers.authorization, ['console']);
      const { method = '', url = '' } = request;
      const asked: Asked = { service, method, path: url, principal, json: await readJson(request) };
      this.asked.push(asked);
      return this.answer(asked);
    } catch {
      return { status: 401, json: { code: 'TOC_ACCESS_UNAUTHENTICATED', detail: 'not a token of the console' } };
    }
  }
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const pieces: Buffer[] = [];
  for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
  return pieces.length === 0 ? undefined : JSON.parse(Buffer.concat(pieces).toString());
}
