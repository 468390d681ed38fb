import type { IncomingMessage } from 'node:http';
import { createServer as createTcp, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { eventually, LocalServers, LOOPBACK } from './local-servers.js';

const LIMITS = { deadlineMs: 2_000, maxAnswerBytes: 64 * 1024 };
const UNAVAILABLE = { code: 'TOC_PEER_UNAVAILABLE', family: 'transient' };

const local = new LocalServers();
afterEach(() => local.close());

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

describe('an ordinary exchange', () => {
  it('posts headers and body and brings back status, headers and body', async () => {
    const server = await local.http(async (request, response) => {
      const body = await bodyOf(request);
      expect(request.method).toBe('POST');
      expect(request.url).toBe('/hook?a=b');
      response.setHeader('x-many', ['1', '2']).end(`${request.headers['x-given']} ${body.toString()}`);
    });
    const answer = await local.egress().post(`${server.url}?a=b`, { 'x-given': 'word' }, 'payload', LIMITS);
    expect(answer).toMatchObject({ status: 200, headers: { 'x-many': '1, 2' } });
    expect(answer.body.toString()).toBe('word payload');
    expect(answer.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('uses a connection again', async () => {
    const server = await local.http((request, response) => void bodyOf(request).then(() => response.end('ok')));
    const out = local.egress();
    for (let turn = 0; turn < 5; turn++) await out.post(server.url, {}, 'x', LIMITS);
    expect(server.sockets.length).toBeLessThan(3);
  });

  it('follows no redirect', async () => {
    let reached = 0;
    const elsewhere = await local.http((_request, response) => {
      reached++;
      response.end();
    });
    const server = await local.http((_request, response) => response.writeHead(307, { location: elsewhere.url }).end());
    const answer = await local.egress().post(server.url, {}, 'x', LIMITS);
    expect(answer).toMatchObject({ status: 307, headers: { location: elsewhere.url } });
    expect(reached).toBe(0);
  });

  it('knows no proxy of the environment', async () => {
    let proxied = 0;
    const proxy = await local.http((_request, response) => {
      proxied++;
      response.end();
    });
    const before = { ...process.env };
    Object.assign(process.env, {
      NODE_USE_ENV_PROXY: '1',
      HTTP_PROXY: `http://127.0.0.1:${proxy.port}`,
      http_proxy: `http://127.0.0.1:${proxy.port}`,
    });
    try {
      const server = await local.http((_request, response) => response.end('direct'));
      expect((await local.egress().post(server.url, {}, 'x', LIMITS)).body.toString()).toBe('direct');
    } finally {
      process.env = before;
    }
    expect(proxied).toBe(0);
  });

  it('hears an early refusal of a large body', async () => {
    const server = await local.http((_request, response) => response.writeHead(413).end('too large'));
    const answer = await local.egress().post(server.url, {}, Buffer.alloc(5_000_000), LIMITS);
    expect(answer.status).toBe(413);
  });
});

describe('a slow, endless or broken answer', () => {
  /** Without a deadline none of these would ever end. */
  async function endsAtItsDeadline(exchange: Promise<unknown>): Promise<void> {
    await expect(exchange).rejects.toMatchObject({
      ...UNAVAILABLE,
      detail: `The server did not answer within 300 ms.`,
    });
  }
  const limits = { deadlineMs: 300, maxAnswerBytes: 64 * 1024 };

  it('of dripping headers ends at the deadline, and the connection with it', async () => {
    const server = await local.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-drip: y\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    await endsAtItsDeadline(local.egress().post(server.url, {}, 'x', limits));
    await eventually(() => server.openSockets() === 0);
  });

  it('of a dripping body ends at the deadline, and the connection with it', async () => {
    const server = await local.raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    await endsAtItsDeadline(local.egress().post(server.url, {}, 'x', limits));
    await eventually(() => server.openSockets() === 0);
  });

  it('of endless interim answers ends at the deadline', async () => {
    const server = await local.raw((socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    await endsAtItsDeadline(local.egress().post(server.url, {}, 'x', limits));
  });

  it('that never begins ends at the deadline', async () => {
    const server = await local.raw(() => undefined);
    await endsAtItsDeadline(local.egress().post(server.url, {}, 'x', limits));
  });

  it('of a server that reads nothing ends at the deadline', async () => {
    const server = await local.listen(createTcp((socket) => socket.pause()));
    await endsAtItsDeadline(local.egress().post(server.url, {}, Buffer.alloc(20_000_000), limits));
  });

  it('of a name server that never answers ends at the deadline, and its slot at the connection time', async () => {
    let asked = 0;
    const out = local.egress({
      ...LOOPBACK,
      connections: 1,
      connectTimeoutMs: 400,
      lookup: () => {
        asked++;
        return asked === 1 ? new Promise(() => undefined) : Promise.resolve(['127.0.0.1']);
      },
    });
    const server = await local.http((_request, response) => response.end('ok'));
    const url = `http://hook.example:${server.port}/`;
    await endsAtItsDeadline(out.post(url, {}, 'x', limits));
    expect((await out.post(url, {}, 'x', LIMITS)).status).toBe(200);
  });

  it('of endless body is cut at the cap; the status counts, the connection ends', async () => {
    const server = await local.http((_request, response) => {
      const pump = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * 1024, 'x')));
      };
      response.on('drain', pump);
      pump();
    });
    const answer = await local.egress().post(server.url, {}, 'x', LIMITS);
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(64 * 1024);
    await eventually(() => server.openSockets() === 0);
  });

  it('may be thrown away unread', async () => {
    const server = await local.http((_request, response) => response.writeHead(204).end());
    const longer = await local.http((_request, response) => response.end('x'.repeat(100)));
    const out = local.egress();
    expect((await out.post(server.url, {}, 'x', { ...LIMITS, maxAnswerBytes: 0 })).status).toBe(204);
    expect(await out.post(longer.url, {}, 'x', { ...LIMITS, maxAnswerBytes: 0 })).toMatchObject({
      status: 200,
      body: Buffer.alloc(0),
    });
  });

  it.each<[string, RegExp, (socket: Socket) => void]>([
    [
      'a huge header',
      /HEADERS_OVERFLOW/,
      (socket) => socket.write(`HTTP/1.1 200 OK\r\nx: ${'y'.repeat(60_000)}\r\n\r\n`),
    ],
    [
      'many headers',
      /HEADERS_OVERFLOW/,
      (socket) => socket.write(`HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(9_000)}\r\n`),
    ],
    ['a reset', /ECONNRESET|UND_ERR_SOCKET/, (socket) => void socket.resetAndDestroy()],
    ['an early end', /UND_ERR_SOCKET/, (socket) => void socket.end()],
    ['a cut body', /UND_ERR/, (socket) => void socket.end('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx')],
    ['what is not HTTP', /HPE_|HTTPParserError/, (socket) => void socket.end('SSH-2.0-OpenSSH_9.9\r\n')],
    [
      'an upgrade',
      /UND_ERR|HPE/,
      (socket) => void socket.write('HTTP/1.1 101 Up\r\nupgrade: h2c\r\nconnection: upgrade\r\n\r\n'),
    ],
  ])('that is %s is a peer not available', async (_what, detail, script) => {
    const server = await local.raw(script);
    const failure = local.egress().post(server.url, {}, 'x', LIMITS);
    await expect(failure).rejects.toMatchObject({ ...UNAVAILABLE, detail: expect.stringMatching(detail) });
  });

  it('holds no more than its own slots', async () => {
    const hostile = await local.raw(() => undefined);
    const honest = await local.http((_request, response) => response.end('ok'));
    const out = local.egress({ ...LOOPBACK, connections: 2 });
    const stuck = Array.from({ length: 10 }, () => out.post(hostile.url, {}, 'x', { ...LIMITS, deadlineMs: 60_000 }));
    const settled = Promise.allSettled(stuck);
    let ended = false;
    void settled.then(() => (ended = true));
    while (hostile.sockets.length < 2) await delay(5);
    expect((await out.post(honest.url, {}, 'x', LIMITS)).status).toBe(200);
    expect(ended).toBe(false);
    expect(hostile.sockets).toHaveLength(2);
    await out.close();
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('holds its own slots and not those of another party at the same origin', async () => {
    let honest = false;
    const shared = await local.http((_request, response) => {
      if (honest) response.end('ok');
    });
    const out = local.egress({ ...LOOPBACK, connections: 1 });
    let ended = false;
    const stuck = out
      .post(shared.url, {}, 'x', { ...LIMITS, deadlineMs: 60_000, party: 'hostile' })
      .catch(() => (ended = true));
    while (shared.sockets.length < 1) await delay(5);
    await delay(50);
    honest = true;
    expect((await out.post(shared.url, {}, 'x', { ...LIMITS, party: 'honest' })).status).toBe(200);
    expect(ended).toBe(false);
    await out.close();
    await stuck;
  });

  it('sends nothing of what has waited for a slot for too long', async () => {
    const heard: string[] = [];
    const server = await local.http(async (request, response) => {
      heard.push((await bodyOf(request)).toString());
      await delay(500);
      response.end();
    });
    const out = local.egress({ ...LOOPBACK, connections: 1 });
    const limits = { deadlineMs: 20_000, maxAnswerBytes: 1_024 };
    const first = out.post(server.url, {}, 'first', limits);
    await eventually(() => heard.length === 1);
    const late = out.post(server.url, {}, 'late', { ...limits, startWithinMs: 100 });
    await expect(late).rejects.toMatchObject(UNAVAILABLE);
    await first;
    await out.post(server.url, {}, 'next', { ...limits, startWithinMs: 20_000 });
    expect(heard).toEqual(['first', 'next']);
  });

  it('does not keep those who wait for a slot beyond their own deadline', async () => {
    const hostile = await local.raw(() => undefined);
    const out = local.egress({ ...LOOPBACK, connections: 1 });
    let ended = false;
    const first = out.post(hostile.url, {}, 'x', { ...LIMITS, deadlineMs: 60_000 }).catch(() => (ended = true));
    await endsAtItsDeadline(out.post(hostile.url, {}, 'x', limits));
    expect(ended).toBe(false);
    await out.close();
    await first;
  });

  it('keeps its origin only while it lasts', async () => {
    const out = local.egress({ ...LOOPBACK, origins: 1 });
    const held = await local.raw(() => undefined);
    const honest = await local.http((_request, response) => response.end('ok'));
    const other = await local.http((_request, response) => response.end('ok'));
    const stuck = expect(out.post(held.url, {}, 'x', { ...LIMITS, deadlineMs: 200 })).rejects.toMatchObject(
      UNAVAILABLE,
    );
    await expect(out.post(honest.url, {}, 'x', LIMITS)).rejects.toMatchObject({
      ...UNAVAILABLE,
      detail: 'Too many servers are being talked to at once.',
    });
    await stuck;
    expect((await out.post(honest.url, {}, 'x', LIMITS)).status).toBe(200);
    expect((await out.post(other.url, {}, 'x', LIMITS)).status).toBe(200);
    await eventually(() => honest.openSockets() === 0);
  });

  it('is rejected as transient when the process closes its way out', async () => {
    const server = await local.raw(() => undefined);
    const out = local.egress();
    const pending = expect(out.post(server.url, {}, 'x', LIMITS)).rejects.toMatchObject(UNAVAILABLE);
    await eventually(() => server.sockets.length === 1);
    await out.close();
    await pending;
  });
});
