import { createServer as createHttp, type IncomingMessage, type RequestListener } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { createServer as createTcp, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { generate } from 'selfsigned';
import { createEgress, type Egress, type EgressOptions } from './create-egress.js';

const LIMITS = { deadlineMs: 2_000, maxAnswerBytes: 64 * 1024 };
const LOOPBACK: EgressOptions = { exceptions: ['127.0.0.0/8:*'], allowHttp: true };

const opened: { close(): Promise<unknown> }[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((one) => one.close()));
});

function egress(options: EgressOptions = LOOPBACK): Egress {
  const made = createEgress(options);
  opened.push(made);
  return made;
}

/** A listening server with the sockets it ever had. */
interface Listening {
  port: number;
  url: string;
  sockets: Socket[];
  openSockets(): number;
}

async function listen(server: Server, scheme = 'http', address = '127.0.0.1'): Promise<Listening> {
  const sockets: Socket[] = [];
  server.on('connection', (socket: Socket) => sockets.push(socket.on('error', () => undefined)));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  const { port } = server.address() as AddressInfo;
  opened.push({
    close: () => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(resolve));
    },
  });
  return {
    port,
    url: `${scheme}://127.0.0.1:${port}/hook`,
    sockets,
    openSockets: () => sockets.filter((socket) => !socket.destroyed).length,
  };
}

function http(listener: RequestListener): Promise<Listening> {
  return listen(createHttp(listener));
}

/** A bare TCP server that runs the script once a request began. */
function raw(script: (socket: Socket) => void): Promise<Listening> {
  return listen(createTcp((socket) => socket.once('data', () => script(socket))));
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of request) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function eventually(check: () => boolean): Promise<void> {
  for (let tries = 0; tries < 100 && !check(); tries++) await delay(10);
  expect(check()).toBe(true);
}

const UNAVAILABLE = { code: 'TOC_PEER_UNAVAILABLE', family: 'transient' };
const EGRESS = { code: 'TOC_CONNECTOR_EGRESS', family: 'rejection' };

describe('an ordinary exchange', () => {
  it('posts headers and body and brings back status, headers and body', async () => {
    const server = await http(async (request, response) => {
      const body = await bodyOf(request);
      expect(request.method).toBe('POST');
      expect(request.url).toBe('/hook?a=b');
      response.setHeader('x-many', ['1', '2']).end(`${request.headers['x-given']} ${body.toString()}`);
    });
    const answer = await egress().post(`${server.url}?a=b`, { 'x-given': 'word' }, 'payload', LIMITS);
    expect(answer).toMatchObject({ status: 200, headers: { 'x-many': '1, 2' } });
    expect(answer.body.toString()).toBe('word payload');
    expect(answer.durationMs).toBeGreaterThanOrEqual(0);
  });

  it('uses a connection again', async () => {
    const server = await http((request, response) => void bodyOf(request).then(() => response.end('ok')));
    const out = egress();
    for (let turn = 0; turn < 5; turn++) await out.post(server.url, {}, 'x', LIMITS);
    expect(server.sockets.length).toBeLessThan(3);
  });

  it('follows no redirect', async () => {
    let reached = 0;
    const elsewhere = await http((_request, response) => {
      reached++;
      response.end();
    });
    const server = await http((_request, response) => response.writeHead(307, { location: elsewhere.url }).end());
    const answer = await egress().post(server.url, {}, 'x', LIMITS);
    expect(answer).toMatchObject({ status: 307, headers: { location: elsewhere.url } });
    expect(reached).toBe(0);
  });

  it('knows no proxy of the environment', async () => {
    let proxied = 0;
    const proxy = await http((_request, response) => {
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
      const server = await http((_request, response) => response.end('direct'));
      expect((await egress().post(server.url, {}, 'x', LIMITS)).body.toString()).toBe('direct');
    } finally {
      process.env = before;
    }
    expect(proxied).toBe(0);
  });

  it('hears an early refusal of a large body', async () => {
    const server = await http((_request, response) => response.writeHead(413).end('too large'));
    const answer = await egress().post(server.url, {}, Buffer.alloc(5_000_000), LIMITS);
    expect(answer.status).toBe(413);
  });
});

describe('a slow, endless or broken answer', () => {
  async function endsWithin(ms: number, exchange: Promise<unknown>): Promise<void> {
    const started = performance.now();
    await expect(exchange).rejects.toMatchObject({
      ...UNAVAILABLE,
      detail: `The server did not answer within 300 ms.`,
    });
    expect(performance.now() - started).toBeLessThan(ms);
  }
  const limits = { deadlineMs: 300, maxAnswerBytes: 64 * 1024 };

  it('of dripping headers ends at the deadline, and the connection with it', async () => {
    const server = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\n');
      const drip = setInterval(() => socket.write('x-drip: y\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    await endsWithin(1_000, egress().post(server.url, {}, 'x', limits));
    await eventually(() => server.openSockets() === 0);
  });

  it('of a dripping body ends at the deadline, and the connection with it', async () => {
    const server = await raw((socket) => {
      socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n');
      const drip = setInterval(() => socket.write('x'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    await endsWithin(1_000, egress().post(server.url, {}, 'x', limits));
    await eventually(() => server.openSockets() === 0);
  });

  it('of endless interim answers ends at the deadline', async () => {
    const server = await raw((socket) => {
      const drip = setInterval(() => socket.write('HTTP/1.1 103 Early Hints\r\n\r\n'), 20);
      socket.on('close', () => clearInterval(drip));
    });
    await endsWithin(1_000, egress().post(server.url, {}, 'x', limits));
  });

  it('that never begins ends at the deadline', async () => {
    const server = await raw(() => undefined);
    await endsWithin(1_000, egress().post(server.url, {}, 'x', limits));
  });

  it('of a server that reads nothing ends at the deadline', async () => {
    const server = await listen(createTcp((socket) => socket.pause()));
    await endsWithin(1_000, egress().post(server.url, {}, Buffer.alloc(20_000_000), limits));
  });

  it('of a name server that never answers ends at the deadline, and its slot at the connection time', async () => {
    let asked = 0;
    const out = egress({
      ...LOOPBACK,
      connections: 1,
      connectTimeoutMs: 400,
      lookup: () => {
        asked++;
        return asked === 1 ? new Promise(() => undefined) : Promise.resolve(['127.0.0.1']);
      },
    });
    const server = await http((_request, response) => response.end('ok'));
    const url = `http://hook.example:${server.port}/`;
    await endsWithin(1_000, out.post(url, {}, 'x', limits));
    expect((await out.post(url, {}, 'x', LIMITS)).status).toBe(200);
  });

  it('of endless body is cut at the cap; the status counts, the connection ends', async () => {
    const server = await http((_request, response) => {
      const pump = (): void => {
        while (!response.destroyed && response.write(Buffer.alloc(16 * 1024, 'x')));
      };
      response.on('drain', pump);
      pump();
    });
    const answer = await egress().post(server.url, {}, 'x', LIMITS);
    expect(answer.status).toBe(200);
    expect(answer.body).toHaveLength(64 * 1024);
    await eventually(() => server.openSockets() === 0);
  });

  it('may be thrown away unread', async () => {
    const server = await http((_request, response) => response.writeHead(204).end());
    const longer = await http((_request, response) => response.end('x'.repeat(100)));
    const out = egress();
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
    const server = await raw(script);
    const failure = egress().post(server.url, {}, 'x', LIMITS);
    await expect(failure).rejects.toMatchObject({ ...UNAVAILABLE, detail: expect.stringMatching(detail) });
  });

  it('holds no more than its own slots', async () => {
    const hostile = await raw(() => undefined);
    const honest = await http((_request, response) => response.end('ok'));
    const out = egress({ ...LOOPBACK, connections: 2 });
    const stuck = Array.from({ length: 10 }, () => out.post(hostile.url, {}, 'x', { ...LIMITS, deadlineMs: 600 }));
    const settled = Promise.allSettled(stuck);
    await delay(100);
    const started = performance.now();
    expect((await out.post(honest.url, {}, 'x', LIMITS)).status).toBe(200);
    expect(performance.now() - started).toBeLessThan(300);
    expect(hostile.sockets).toHaveLength(2);
    expect((await settled).every(({ status }) => status === 'rejected')).toBe(true);
  });

  it('keeps its origin only while it lasts', async () => {
    const out = egress({ ...LOOPBACK, origins: 1 });
    const held = await raw(() => undefined);
    const honest = await http((_request, response) => response.end('ok'));
    const other = await http((_request, response) => response.end('ok'));
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
    const server = await raw(() => undefined);
    const out = egress();
    const pending = expect(out.post(server.url, {}, 'x', LIMITS)).rejects.toMatchObject(UNAVAILABLE);
    await eventually(() => server.sockets.length === 1);
    await out.close();
    await pending;
  });
});

describe('a name', () => {
  it('that leads inside is not connected to, without exceptions', async () => {
    const server = await http((_request, response) => response.end());
    const out = egress({
      ports: [server.port],
      lookup: () => Promise.resolve(['127.0.0.1', '::1', '10.0.0.1', '0.0.0.0']),
    });
    await expect(out.post(`https://hook.example:${server.port}/`, {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    expect(server.sockets).toHaveLength(0);
  });

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '::1', '2130706433', '127.1', 'localhost', ''])(
    'whose answer is %j is refused',
    async (answer) => {
      const out = egress({ lookup: () => Promise.resolve([answer]) });
      await expect(out.post('https://hook.example/', {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    },
  );

  it('is connected to at its permitted addresses only', async () => {
    const server = await listen(
      createHttp((_request, response) => response.end('ok')),
      'http',
      '0.0.0.0',
    );
    const out = egress({
      exceptions: ['127.0.0.2:*'],
      allowHttp: true,
      lookup: () => Promise.resolve(['127.0.0.1', '127.0.0.3', '127.0.0.2']),
    });
    expect((await out.post(`http://hook.example:${server.port}/`, {}, 'x', LIMITS)).status).toBe(200);
    expect(server.sockets.map((socket) => socket.localAddress)).toEqual(['127.0.0.2']);
  });

  it('that turns inside between two connections is refused at the second', async () => {
    const server = await listen(
      createHttp((_request, response) => response.setHeader('connection', 'close').end('ok')),
      'http',
      '0.0.0.0',
    );
    const answers = ['127.0.0.2', '127.0.0.3'];
    const out = egress({
      exceptions: ['127.0.0.2:*'],
      allowHttp: true,
      lookup: () => Promise.resolve([answers.shift() ?? '127.0.0.3']),
    });
    const url = `http://hook.example:${server.port}/`;
    expect((await out.post(url, {}, 'x', LIMITS)).status).toBe(200);
    await expect(out.post(url, {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    expect(server.sockets).toHaveLength(1);
  });

  it('that does not resolve is a peer not available', async () => {
    const out = egress({ lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) });
    await expect(out.post('https://hook.example/', {}, 'x', LIMITS)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('of a literal is checked without any lookup', async () => {
    let asked = 0;
    const out = egress({
      lookup: () => {
        asked++;
        return Promise.resolve(['8.8.8.8']);
      },
    });
    await expect(out.post('https://127.0.0.1/', {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    await expect(out.post('https://0x7f.1/', {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    await expect(out.post('https://[::ffff:a9fe:a9fe]/', {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    expect(asked).toBe(0);
  });

  it('localhost is loopback without being asked', async () => {
    const server = await http((_request, response) => response.end('ok'));
    expect((await egress().post(`http://localhost:${server.port}/`, {}, 'x', LIMITS)).status).toBe(200);
    await expect(egress({}).post('https://localhost/', {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
  });

  it('nobody listens at is a peer not available', async () => {
    const server = await http(() => undefined);
    await opened.pop()?.close();
    await expect(egress().post(server.url, {}, 'x', LIMITS)).rejects.toMatchObject({
      ...UNAVAILABLE,
      detail: 'The exchange with the server failed (ECONNREFUSED).',
    });
  });
});

describe('TLS', () => {
  async function https(commonName: string, days = 1): Promise<Listening & { certificate: string }> {
    const notBeforeDate = new Date(Date.now() - 2 * 86_400_000);
    const made = await generate([{ name: 'commonName', value: commonName }], {
      keyType: 'ec',
      notBeforeDate,
      notAfterDate: new Date(Date.now() + days * 86_400_000),
      extensions: [{ name: 'subjectAltName', altNames: [{ type: 2, value: commonName }] }],
    });
    const server = createHttps({ key: made.private, cert: made.cert }, (_request, response) => response.end('secret'));
    server.on('tlsClientError', () => undefined);
    return { ...(await listen(server, 'https')), certificate: made.cert };
  }

  function tlsEgress(ca?: string): Egress {
    return egress({
      exceptions: ['127.0.0.1:*'],
      ca: ca ? [ca] : undefined,
      lookup: () => Promise.resolve(['127.0.0.1']),
    });
  }

  it('with a trusted certificate of the right name is spoken', async () => {
    const server = await https('hook.example');
    const out = tlsEgress(server.certificate);
    const answer = await out.post(`https://hook.example:${server.port}/`, {}, 'x', LIMITS);
    expect(answer.body.toString()).toBe('secret');
  });

  it.each([
    ['of an unknown issuer', false, 'hook.example', 1, /SELF_SIGNED/],
    ['of another name', true, 'other.example', 1, /ALTNAME/],
    ['that ran out', true, 'hook.example', -1, /EXPIRED/],
  ])('with a certificate %s is a peer not available', async (_what, trusted, name, days, detail) => {
    const before = process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    try {
      const server = await https(name, days);
      const out = tlsEgress(trusted ? server.certificate : undefined);
      await expect(out.post(`https://hook.example:${server.port}/`, {}, 'x', LIMITS)).rejects.toMatchObject({
        ...UNAVAILABLE,
        detail: expect.stringMatching(detail),
      });
    } finally {
      if (before === undefined) delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
      else process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = before;
    }
  });

  it('is not replaced by plain text', async () => {
    const server = await http((_request, response) => response.end());
    const out = tlsEgress();
    await expect(out.post(`https://hook.example:${server.port}/`, {}, 'x', LIMITS)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('that is never answered gives its slot back', async () => {
    const server = await raw(() => undefined);
    const out = egress({ exceptions: ['127.0.0.1:*'], connectTimeoutMs: 200 });
    await expect(out.post(`https://127.0.0.1:${server.port}/`, {}, 'x', LIMITS)).rejects.toMatchObject({
      ...UNAVAILABLE,
      detail: 'The connection was not established in time.',
    });
    await eventually(() => server.openSockets() === 0);
  });
});
