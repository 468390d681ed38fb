import { createSocket, type Socket } from 'node:dgram';
import { createEgress } from './create-egress.js';
import { createLookup } from './resolve-host.js';

const NAME_ERROR = 3;
const IPV4 = 1;

let server: Socket;
let address: string;
/** What the name server says: addresses, an error code, or nothing at all. */
let say: (turn: number) => string[] | number | undefined;
let turns: number;

beforeEach(async () => {
  turns = 0;
  server = createSocket('udp4');
  server.on('message', (query, from) => {
    const type = query.readUInt16BE(questionEnd(query) - 4);
    const said = say(type === IPV4 ? turns++ : turns);
    if (said !== undefined) server.send(reply(query, type === IPV4 || said === NAME_ERROR ? said : []), from.port);
  });
  await new Promise<void>((resolve) => server.bind(0, '127.0.0.1', resolve));
  address = `127.0.0.1:${server.address().port}`;
});
afterEach(() => new Promise<void>((resolve) => server.close(() => resolve())));

function questionEnd(query: Buffer): number {
  return query.indexOf(0, 12) + 5;
}

/** An answer to the one question of a query (RFC 1035, section 4). */
function reply(query: Buffer, said: string[] | number): Buffer {
  const addresses = typeof said === 'number' ? [] : said;
  const head = Buffer.from(query.subarray(0, questionEnd(query)));
  head.writeUInt16BE(0x8180 | (typeof said === 'number' ? said : 0), 2);
  head.writeUInt16BE(addresses.length, 6);
  head.writeUInt32BE(0, 8);
  const answers = addresses.map((text) =>
    Buffer.from([0xc0, 12, 0, IPV4, 0, 1, 0, 0, 0, 0, 0, 4, ...text.split('.').map(Number)]),
  );
  return Buffer.concat([head, ...answers]);
}

describe('the ordinary lookup', () => {
  const lookup = (name: string): Promise<string[]> => createLookup(() => false, [address])(name);

  it('brings all addresses that the name server says', async () => {
    say = () => ['8.8.8.8', '9.9.9.9'];
    expect((await lookup('hook.example')).sort()).toEqual(['8.8.8.8', '9.9.9.9']);
  });

  it('bounds them', async () => {
    say = () => Array.from({ length: 40 }, (_, index) => `8.8.8.${index}`).slice(0, 25);
    expect(await lookup('hook.example')).toHaveLength(16);
  });

  it('finds no name a peer not available', async () => {
    say = () => NAME_ERROR;
    await expect(lookup('hook.example')).rejects.toMatchObject({
      code: 'TOC_PEER_UNAVAILABLE',
      detail: 'The host name does not resolve.',
    });
  });

  it('asks nobody about localhost', async () => {
    say = () => ['8.8.8.8'];
    expect(await lookup('localhost')).toEqual(['127.0.0.1', '::1']);
    expect(await lookup('a.localhost')).toEqual(['127.0.0.1', '::1']);
    expect(turns).toBe(0);
  });

  it('asks the system about names of the operator', async () => {
    say = () => ['8.8.8.8'];
    await createLookup((name) => name === 'inside.invalid', [address])('inside.invalid').catch(() => undefined);
    expect(turns).toBe(0);
  });
});

describe('a name server that turns a name inside', () => {
  const limits = { deadlineMs: 3_000, maxAnswerBytes: 1_000 };

  it('gains nothing', async () => {
    say = () => ['127.0.0.1', '169.254.169.254', '10.0.0.1'];
    const out = createEgress({ nameServers: [address] });
    await expect(out.post('https://hook.example/', {}, 'x', limits)).rejects.toMatchObject({
      code: 'TOC_CONNECTOR_EGRESS',
    });
    expect(turns).toBe(1);
    await out.close();
  });

  it('and one that says nothing holds an exchange to its deadline only', async () => {
    say = () => undefined;
    const out = createEgress({ nameServers: [address] });
    await expect(out.post('https://hook.example/', {}, 'x', { ...limits, deadlineMs: 200 })).rejects.toMatchObject({
      code: 'TOC_PEER_UNAVAILABLE',
      detail: 'The server did not answer within 200 ms.',
    });
    await out.close();
  });
});
