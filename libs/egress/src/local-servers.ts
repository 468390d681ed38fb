import { createServer as createHttp, type RequestListener } from 'node:http';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { createEgress, type Egress, type EgressOptions } from './create-egress.js';

/** A listening server with the sockets it ever had. */
export interface Listening {
  port: number;
  url: string;
  sockets: Socket[];
  openSockets(): number;
  close(): Promise<unknown>;
}

/** Real servers on loopback for specs, honest and hostile ones, and ways out that may reach them. */
export class LocalServers {
  readonly #opened: { close(): Promise<unknown> }[] = [];

  /** To be called after each test. */
  async close(): Promise<void> {
    await Promise.all(this.#opened.splice(0).map((one) => one.close()));
  }

  egress(options: EgressOptions = LOOPBACK): Egress {
    const made = createEgress(options);
    this.#opened.push(made);
    return made;
  }

  async listen(server: Server, scheme = 'http', address = '127.0.0.1'): Promise<Listening> {
    const sockets: Socket[] = [];
    server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)));
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const { port } = server.address() as AddressInfo;
    const listening = {
      port,
      url: `${scheme}://127.0.0.1:${port}/hook`,
      sockets,
      openSockets: () => sockets.filter((socket) => !socket.destroyed).length,
      close: () => {
        for (const socket of sockets) socket.destroy();
        return new Promise((resolve) => server.close(resolve));
      },
    };
    this.#opened.push(listening);
    return listening;
  }

  http(listener: RequestListener): Promise<Listening> {
    return this.listen(createHttp(listener));
  }

  /** A bare TCP server that runs the script once a request began. */
  raw(script: (socket: Socket) => void): Promise<Listening> {
    return this.listen(createTcp((socket) => socket.once('data', () => script(socket))));
  }
}

/** Any port of loopback, plain http too. */
export const LOOPBACK: EgressOptions = { exceptions: ['127.0.0.0/8:*'], allowHttp: true };

/** Waits until the check holds, for half a minute at most. */
export async function eventually(check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 3_000 && !check(); tries++) await delay(10);
  if (!check()) throw new Error('what was waited for did not come');
}
