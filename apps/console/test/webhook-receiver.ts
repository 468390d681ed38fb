import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A platform's server on the loopback address, which answers a challenge as its mood says. */
export class WebhookReceiver {
  mood: 'willing' | 'unwilling' | 'forgetful' = 'willing';
  readonly challenges: string[] = [];
  private server!: Server;

  static async start(): Promise<WebhookReceiver> {
    const receiver = new WebhookReceiver();
    receiver.server = createServer((request, response) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { challenge } = JSON.parse(Buffer.concat(pieces).toString()) as { challenge: string };
        receiver.challenges.push(challenge);
        if (receiver.mood === 'unwilling') return response.writeHead(404).end();
        const answered = receiver.mood === 'willing' ? challenge : 'another';
        return response
          .writeHead(200, { 'content-type': 'application/json' })
          .end(JSON.stringify({ challenge: answered }));
      });
    });
    await new Promise<void>((resolve) => receiver.server.listen(0, '127.0.0.1', resolve));
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
