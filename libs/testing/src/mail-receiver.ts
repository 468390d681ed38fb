import { createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** A mail as it arrived. */
export interface ReceivedMail {
  to: string[];
  /** Header and text as sent, lines ending with CRLF. */
  source: string;
}

/** A mail server for tests that keeps what it is given (the least of RFC 5321). */
export interface MailReceiver {
  url: string;
  mails: ReceivedMail[];
  /** Replies that it gives instead of taking: by recipient, or to everybody with `*`. */
  refuse: Map<string, string>;
  close(): Promise<void>;
}

export async function startMailReceiver(): Promise<MailReceiver> {
  const mails: ReceivedMail[] = [];
  const refuse = new Map<string, string>();
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    converse(socket, mails, refuse);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mails,
    refuse,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function converse(socket: Socket, mails: ReceivedMail[], refuse: ReadonlyMap<string, string>): void {
  let to: string[] = [];
  let kept = '';
  let inMail = false;
  const say = (reply: string): void => void socket.write(`${reply}\r\n`);
  const command = (line: string): void => {
    const recipient = /^RCPT TO:<([^>]*)>/i.exec(line)?.[1];
    if (recipient !== undefined) {
      const refusal = refuse.get(recipient) ?? refuse.get('*');
      if (refusal) return say(refusal);
      to.push(recipient);
    }
    if (/^QUIT/i.test(line)) return void socket.end('221 bye\r\n');
    inMail = /^DATA/i.test(line);
    say(inMail ? '354 go on' : '250 ok');
  };
  say('220 ready');
  socket.on('data', (bytes) => {
    kept += bytes.toString('utf8');
    for (;;) {
      const end = kept.indexOf(inMail ? '\r\n.\r\n' : '\r\n');
      if (end < 0) return;
      const part = kept.slice(0, end);
      kept = kept.slice(end + (inMail ? 5 : 2));
      if (!inMail) command(part);
      else {
        mails.push({ to, source: part });
        to = [];
        inMail = false;
        say('250 kept');
      }
    }
  });
}
