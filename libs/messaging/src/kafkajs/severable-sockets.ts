import net from 'node:net';
import tls from 'node:tls';

/** What kafkajs asks of a socket factory. */
interface SocketRequest {
  host: string;
  port: number;
  ssl?: tls.ConnectionOptions;
  onConnect: () => void;
}

const KEEP_ALIVE_MS = 60_000;

/**
 * The sockets of one kafkajs client. kafkajs has no way to end a client that hangs: its retries go on, and a stuck
 * consumer keeps its membership alive and its partitions to itself. Cutting the sockets ends both.
 */
export class SeverableSockets {
  private readonly open = new Set<net.Socket>();
  private severed = false;

  get isSevered(): boolean {
    return this.severed;
  }

  /** To be given to kafkajs as `socketFactory`. */
  readonly create = ({ host, port, ssl, onConnect }: SocketRequest): net.Socket => {
    if (this.severed) throw new Error('This client was severed.');
    const socket = ssl
      ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
      : net.connect({ host, port }, onConnect);
    socket.setKeepAlive(true, KEEP_ALIVE_MS);
    socket.setNoDelay(true);
    this.open.add(socket);
    socket.once('close', () => this.open.delete(socket));
    return socket;
  };

  /** Destroys every socket and refuses new ones. With an error, because kafkajs does not listen for `close`. */
  sever(): void {
    this.severed = true;
    for (const socket of this.open) socket.destroy(new Error('The connection was severed on this side.'));
  }
}
