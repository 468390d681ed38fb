import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { PlatformaticProducer } from './platformatic-producer.js';

const QUIET = { debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined };
const UNWATCHED = { produced: () => undefined, produceRetried: () => undefined };

describe('a send that was given up', () => {
  it('takes its connections with it, so that nothing of it is flushed later', async () => {
    // A broker that takes bytes and never answers, as one behind a network that stalls.
    const mute = createServer();
    mute.listen(0, '127.0.0.1');
    await once(mute, 'listening');
    const { port } = mute.address() as AddressInfo;
    const accepted = once(mute, 'connection') as Promise<[Socket]>;
    const connection = { brokers: [`127.0.0.1:${port}`], clientId: 'test' };
    const producer = new PlatformaticProducer(connection, QUIET, UNWATCHED as never);
    const giveUp = new AbortController();
    const send = producer.send([{ topic: 't', records: [{ key: 'k', value: 'v' }] }], giveUp.signal);
    const failed = expect(send).rejects.toMatchObject({ family: 'transient' });
    const [socket] = await accepted;
    const ended = new Promise<string>((resolve) => {
      socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? 'error'));
      socket.once('end', () => resolve('flushed and ended'));
    });
    await once(socket, 'data');
    giveUp.abort();
    await failed;
    expect(await ended).toBe('ECONNRESET');
    socket.destroy();
    await producer.close();
    mute.close();
  });
});
