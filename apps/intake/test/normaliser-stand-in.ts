import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { InternalVerifier, type Principal } from '#libs/access';

/** A request that reached the stand-in. */
export interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
  principal?: Principal;
  body: Buffer;
}

/** What it answers; `undefined` breaks the connection. */
export type Answer = { status: number; json: unknown } | undefined;

/** Stands where the normaliser would, and answers what a spec tells it to. Checks tokens as the real one does. */
export class NormaliserStandIn {
  readonly asked: Asked[] = [];
  answer: (asked: Asked) => Answer = () => ({ status: 404, json: notFound() });
  private readonly server: Server;

  private constructor(private readonly verifier: InternalVerifier) {
    this.server = createServer((request, response) => {
      void (async () => {
        const pieces: Buffer[] = [];
        for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
        const { principal } = await this.verifier.verify(request.headers.authorization, ['intake']);
        const url = new URL(request.url ?? '/', 'http://stand-in');
        const asked = {
          method: request.method ?? '',
          path: url.pathname,
          query: url.searchParams,
          principal,
          body: Buffer.concat(pieces),
        };
        this.asked.push(asked);
        const answer = this.answer(asked);
        if (!answer) request.socket.destroy();
        else response.writeHead(answer.status, { 'content-type': 'application/json' }).end(JSON.stringify(answer.json));
      })().catch((thrown: unknown) => response.writeHead(500).end(String(thrown)));
    });
  }

  static async start(keysDir: string): Promise<NormaliserStandIn> {
    const standIn = new NormaliserStandIn(InternalVerifier.open(keysDir, 'normaliser'));
    await new Promise<void>((resolve) => standIn.server.listen(0, '127.0.0.1', resolve));
    return standIn;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  stop(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      this.server.closeAllConnections();
    });
  }
}

/** The problem document of something that is not there. */
export function notFound(): object {
  return {
    type: 'urn:tocsin:error:TOC_ACCESS_NOT_FOUND',
    code: 'TOC_ACCESS_NOT_FOUND',
    status: 404,
    detail: 'there is no such object',
  };
}
