import { randomUUID } from 'node:crypto';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { liveRow, rowIds } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;
const channels: Record<string, string> = {};
const channelOf = (name: string): string => channels[name] ?? '';

beforeAll(async () => {
  exchange = await Exchange.open('hostile');
  for (const name of ['answers', 'crowd']) channels[name] = await exchange.channel({ partitions: 1 });
  channels.urgent = await exchange.channel({ priority: 'emergency' });
  await exchange.startDelivery({ TOCSIN_DELIVERY_SLOTS: '12', TOCSIN_DELIVERY_EMERGENCY_SLOTS: '12' });
}, 60_000);

afterAll(() => exchange.close());

/** What a server says to each request, and how often it was asked. */
interface Hostile {
  port: number;
  requests: number;
}

async function hostile(answer: (socket: Socket) => void): Promise<Hostile> {
  const sockets = new Set<Socket>();
  const server: Server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined).on('close', () => sockets.delete(socket)));
    socket.once('data', () => {
      found.requests += 1;
      answer(socket);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const found: Hostile = { port: (server.address() as AddressInfo).port, requests: 0 };
  exchange.onClose(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
  return found;
}

/** Says the next piece again and again until nobody listens. */
function drip(socket: Socket, piece: string): void {
  const timer = setInterval(() => socket.write(piece), 50);
  socket.on('close', () => clearInterval(timer));
}

interface EndpointRow {
  attempts: number;
  wait: number | null;
  paused: boolean;
  last_detail: string | null;
}

async function endpointOf(subscriptionId: string): Promise<EndpointRow | undefined> {
  const [row] = await exchange.database.query<EndpointRow[]>(
    `SELECT attempts, extract(epoch FROM next_try_at - now())::float8 AS wait, paused_at IS NOT NULL AS paused, last_detail
     FROM delivery.endpoint WHERE subscription_id = $1`,
    [subscriptionId],
  );
  return row;
}

const receipts = async (subscriptionId: string): Promise<number> => {
  const [row] = await exchange.database.query<{ count: number }[]>(
    `SELECT count(r.*)::integer AS count FROM delivery.disclosure d JOIN delivery.receipt r ON r.disclosure_id = d.id
     WHERE d.subscription_id = $1`,
    [subscriptionId],
  );
  return row?.count ?? -1;
};

describe('a hostile receiver', () => {
  it('gets no receipt, and slows nobody, whatever it answers', async () => {
    const channel = channelOf('answers');
    const elsewhere = await exchange.receiver();
    const answers: Record<string, (socket: Socket) => void> = {
      'answers one byte at a time': (socket) => {
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 100000\r\n\r\n');
        drip(socket, 'x');
      },
      'never ends its headers': (socket) => {
        socket.write('HTTP/1.1 200 OK\r\n');
        drip(socket, 'x-more: y\r\n');
      },
      'has huge headers': (socket) => socket.end(`HTTP/1.1 200 OK\r\nx-huge: ${'h'.repeat(100_000)}\r\n\r\n`),
      redirects: (socket) =>
        socket.end(`HTTP/1.1 307 Temporary Redirect\r\nlocation: ${elsewhere.url}\r\ncontent-length: 0\r\n\r\n`),
      'closes after the headers': (socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n'),
      'asks for a year': (socket) =>
        socket.end('HTTP/1.1 503 Busy\r\nretry-after: 31536000\r\ncontent-length: 0\r\n\r\n'),
      'has gone': (socket) => socket.end('HTTP/1.1 410 Gone\r\ncontent-length: 0\r\n\r\n'),
      'speaks no TLS': (socket) => socket.end('HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n'),
      'says nothing': () => undefined,
    };
    const subscriptions: Record<string, string> = {};
    for (const [what, answer] of Object.entries(answers)) {
      const { port } = await hostile(answer);
      const scheme = what === 'speaks no TLS' ? 'https' : 'http';
      const id = (subscriptions[what] = randomUUID());
      const platform = await exchange.organisation('platform');
      await exchange.subscribe(id, platform, [channel], `${scheme}://127.0.0.1:${port}/hook`);
    }
    const sound = await exchange.platform([channel], { batchSize: 10 });
    await exchange.publish(
      channel,
      rowIds(300).map((id) => liveRow(channel, id)),
    );
    await sound.receiver.waitFor((state) => state.counts().live === 300, 60_000);
    // Thirty batches went out while those that say nothing are still waited for.
    expect(await endpointOf(subscriptions['says nothing'] ?? '')).toBeUndefined();
    await eventually(async () => {
      for (const id of Object.values(subscriptions)) expect((await endpointOf(id))?.last_detail).toBeTruthy();
    });
    for (const id of Object.values(subscriptions)) expect(await receipts(id)).toBe(0);
    expect(elsewhere.requests).toEqual([]);
    expect(await endpointOf(subscriptions['has gone'] ?? '')).toMatchObject({ paused: true });
    const { wait } = (await endpointOf(subscriptions['asks for a year'] ?? '')) ?? { wait: null };
    expect(wait).toBeGreaterThan(3_000);
    expect(wait).toBeLessThanOrEqual(3_600);
  });

  it('with more subscriptions than there are slots holds its share of them, and an emergency passes', async () => {
    const [crowd, urgent] = [channelOf('crowd'), channelOf('urgent')];
    const { port } = await hostile(() => undefined);
    const platform = await exchange.organisation('platform');
    const ids = Array.from({ length: 60 }, () => randomUUID());
    for (const id of ids) await exchange.subscribe(id, platform, [crowd, urgent], `http://127.0.0.1:${port}/${id}`);
    const sound = await exchange.platform([crowd, urgent], { batchSize: 10 });
    const [first = '', ...rows] = rowIds(101);
    await exchange.publish(urgent, [liveRow(urgent, first)]);
    await exchange.publish(
      crowd,
      rows.map((id) => liveRow(crowd, id)),
    );
    await sound.receiver.waitFor((state) => state.counts().live === 101, 60_000);
    const ended = `SELECT subscription_id FROM delivery.endpoint WHERE subscription_id = ANY ($1)`;
    expect(await exchange.database.query(ended, [ids])).toEqual([]);
  });
});
