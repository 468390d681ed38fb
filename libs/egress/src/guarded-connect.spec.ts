import { createServer as createHttp } from 'node:http';
import { createServer as createHttps } from 'node:https';
import { generate } from 'selfsigned';
import type { Egress } from './create-egress.js';
import { eventually, LocalServers, type Listening } from './local-servers.js';

const LIMITS = { deadlineMs: 2_000, maxAnswerBytes: 64 * 1024 };
const UNAVAILABLE = { code: 'TOC_PEER_UNAVAILABLE', family: 'transient' };
const EGRESS = { code: 'TOC_CONNECTOR_EGRESS', family: 'rejection' };

const local = new LocalServers();
afterEach(() => local.close());

describe('a name', () => {
  it('that leads inside is not connected to, without exceptions', async () => {
    const server = await local.http((_request, response) => response.end());
    const out = local.egress({
      ports: [server.port],
      lookup: () => Promise.resolve(['127.0.0.1', '::1', '10.0.0.1', '0.0.0.0']),
    });
    await expect(out.post(`https://hook.example:${server.port}/`, {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    expect(server.sockets).toHaveLength(0);
  });

  it.each(['127.0.0.1', '::ffff:127.0.0.1', '::1', '2130706433', '127.1', 'localhost', ''])(
    'whose answer is %j is refused',
    async (answer) => {
      const out = local.egress({ lookup: () => Promise.resolve([answer]) });
      await expect(out.post('https://hook.example/', {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
    },
  );

  it('is connected to at its permitted addresses only', async () => {
    const server = await local.listen(
      createHttp((_request, response) => response.end('ok')),
      'http',
      '0.0.0.0',
    );
    const out = local.egress({
      exceptions: ['127.0.0.2:*'],
      allowHttp: true,
      lookup: () => Promise.resolve(['127.0.0.1', '127.0.0.3', '127.0.0.2']),
    });
    expect((await out.post(`http://hook.example:${server.port}/`, {}, 'x', LIMITS)).status).toBe(200);
    expect(server.sockets.map((socket) => socket.localAddress)).toEqual(['127.0.0.2']);
  });

  it('that turns inside between two connections is refused at the second', async () => {
    const server = await local.listen(
      createHttp((_request, response) => response.setHeader('connection', 'close').end('ok')),
      'http',
      '0.0.0.0',
    );
    const answers = ['127.0.0.2', '127.0.0.3'];
    const out = local.egress({
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
    const out = local.egress({ lookup: () => Promise.reject(Object.assign(new Error('no'), { code: 'ENOTFOUND' })) });
    await expect(out.post('https://hook.example/', {}, 'x', LIMITS)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('of a literal is checked without any lookup', async () => {
    let asked = 0;
    const out = local.egress({
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
    const server = await local.http((_request, response) => response.end('ok'));
    expect((await local.egress().post(`http://localhost:${server.port}/`, {}, 'x', LIMITS)).status).toBe(200);
    await expect(local.egress({}).post('https://localhost/', {}, 'x', LIMITS)).rejects.toMatchObject(EGRESS);
  });

  it('nobody listens at is a peer not available', async () => {
    const server = await local.http(() => undefined);
    await server.close();
    await expect(local.egress().post(server.url, {}, 'x', LIMITS)).rejects.toMatchObject({
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
    return { ...(await local.listen(server, 'https')), certificate: made.cert };
  }

  function tlsEgress(ca?: string): Egress {
    return local.egress({
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
    const server = await local.http((_request, response) => response.end());
    const out = tlsEgress();
    await expect(out.post(`https://hook.example:${server.port}/`, {}, 'x', LIMITS)).rejects.toMatchObject(UNAVAILABLE);
  });

  it('that is never answered gives its slot back', async () => {
    const server = await local.raw(() => undefined);
    const out = local.egress({ exceptions: ['127.0.0.1:*'], connectTimeoutMs: 200 });
    await expect(out.post(`https://127.0.0.1:${server.port}/`, {}, 'x', LIMITS)).rejects.toMatchObject({
      ...UNAVAILABLE,
      detail: 'The connection was not established in time.',
    });
    await eventually(() => server.openSockets() === 0);
  });
});
