import { createSocket, type Socket } from 'node:dgram';

/** A name server on the loopback address that knows text records, and nothing else. */
export class NameServer {
  readonly records = new Map<string, string>();
  private socket!: Socket;

  static async start(): Promise<NameServer> {
    const server = new NameServer();
    server.socket = createSocket('udp4');
    server.socket.on('message', (query, from) => server.socket.send(server.answer(query), from.port, from.address));
    await new Promise<void>((resolve) => server.socket.bind(0, '127.0.0.1', resolve));
    return server;
  }

  get address(): string {
    return `127.0.0.1:${this.socket.address().port}`;
  }

  stop(): void {
    this.socket.close();
  }

  /** RFC 1035, section 4.1: the question again, and one record, or none and "no such name". */
  private answer(query: Buffer): Buffer {
    const labels: string[] = [];
    let at = 12;
    for (let length = query[at] ?? 0; length > 0; length = query[at] ?? 0) {
      labels.push(query.toString('latin1', at + 1, at + 1 + length));
      at += 1 + length;
    }
    const question = query.subarray(12, at + 5);
    const text = this.records.get(labels.join('.').toLowerCase());
    const header = Buffer.from(query.subarray(0, 12));
    header.writeUInt16BE(text === undefined ? 0x8183 : 0x8180, 2);
    header.writeUInt16BE(text === undefined ? 0 : 1, 6);
    header.writeUInt16BE(0, 10);
    if (text === undefined) return Buffer.concat([header, question]);
    const data = Buffer.concat([Buffer.from([text.length]), Buffer.from(text)]);
    const record = Buffer.from([0xc0, 12, 0, 16, 0, 1, 0, 0, 0, 60, 0, data.length]);
    return Buffer.concat([header, question, record, data]);
  }
}
