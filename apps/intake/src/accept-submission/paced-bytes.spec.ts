import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { pacedBytes, type Pace } from './paced-bytes.js';

const PACE: Pace = { mostBytes: 1000, longestSilenceMs: 150, graceMs: 200, leastBytesPerSecond: 1000 };
/** For what must pass, however busy the machine is. */
const PATIENT: Pace = { ...PACE, longestSilenceMs: 60_000, graceMs: 60_000 };

describe('pacedBytes', () => {
  let server: Server;
  let handle: (message: IncomingMessage) => Promise<void>;
  beforeAll(async () => {
    server = createServer((message, response) => {
      void handle(message).finally(() => response.end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  /** Sends with the given hand and tells what the reader saw. */
  async function exchange(
    send: (sending: ReturnType<typeof request>) => unknown,
    pace = PACE,
    headers = {},
  ): Promise<{ size: number; code?: unknown }> {
    return new Promise((resolve) => {
      handle = async (message) => {
        let size = 0;
        try {
          for await (const piece of pacedBytes(message, pace)) size += piece.length;
          resolve({ size });
        } catch (thrown) {
          resolve({ size, code: (thrown as { code?: unknown }).code });
        }
      };
      const sending = request({ port: (server.address() as AddressInfo).port, method: 'POST', headers });
      sending.on('error', () => undefined);
      sending.on('response', (answer) => answer.resume());
      send(sending);
    });
  }

  it('passes on what comes within the bounds', async () => {
    const seen = await exchange(async (sending) => {
      for (let at = 0; at < 10; at += 1) {
        sending.write(Buffer.alloc(100));
        await sleep(10);
      }
      sending.end();
    }, PATIENT);
    expect(seen).toEqual({ size: 1000 });
  });

  it('passes on an empty body', async () => {
    expect(await exchange((sending) => sending.end())).toEqual({ size: 0 });
  });

  it('refuses what is too much, by its length where that is said', async () => {
    const said = await exchange((sending) => sending.write('x'), PACE, {
      'content-length': 1001,
    });
    expect(said).toEqual({ size: 0, code: 'TOC_REQUEST_TOO_LARGE' });
    const found = await exchange((sending) => sending.end(Buffer.alloc(1001)));
    expect(found.code).toBe('TOC_REQUEST_TOO_LARGE');
  });

  it('refuses silence', async () => {
    const seen = await exchange((sending) => sending.write(Buffer.alloc(10)));
    expect(seen).toEqual({ size: 10, code: 'TOC_REQUEST_TOO_SLOW' });
  });

  it('refuses a trickle, after its time of grace', async () => {
    const seen = await exchange(async (sending) => {
      for (let at = 0; at < 30 && !sending.destroyed; at += 1) {
        sending.write('x');
        await sleep(30);
      }
    });
    expect(seen.code).toBe('TOC_REQUEST_TOO_SLOW');
    expect(seen.size).toBeGreaterThan(3);
  });

  it('does not blame the sender for a reader that is slow', async () => {
    const pace = { ...PACE, longestSilenceMs: 2_000, graceMs: 2_000 };
    const slow = new Promise<number>((resolve) => {
      handle = async (message) => {
        let size = 0;
        for await (const piece of pacedBytes(message, pace)) {
          size += piece.length;
          await sleep(3_000);
        }
        resolve(size);
      };
    });
    const sending = request({ port: (server.address() as AddressInfo).port, method: 'POST' });
    sending.on('response', (answer) => answer.resume());
    sending.write(Buffer.alloc(100));
    await sleep(100);
    sending.end(Buffer.alloc(100));
    expect(await slow).toBe(200);
  });

  it('notices a sender that breaks off', async () => {
    const seen = await exchange(async (sending) => {
      // On its way, however busy the machine is: a request that never left is noticed by nobody.
      await new Promise((resolve) => sending.write(Buffer.alloc(10), resolve));
      await sleep(30);
      sending.destroy();
    }, PATIENT);
    expect(seen).toEqual({ size: 10, code: 'TOC_REQUEST_MALFORMED' });
  });

  it('leaves a request that can still be answered', async () => {
    handle = async (message) => {
      for await (const piece of pacedBytes(message, PACE)) if (piece.length > 0) return;
    };
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const sending = request({ port: (server.address() as AddressInfo).port, method: 'POST' }, (answer) =>
        resolve(answer.statusCode),
      );
      sending.on('error', reject);
      sending.write(Buffer.alloc(10));
    });
    expect(status).toBe(200);
  });
});
