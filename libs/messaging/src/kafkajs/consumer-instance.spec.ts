import { jest } from '@jest/globals';
import kafkajs from 'kafkajs';
import { ConsumerInstance } from './consumer-instance.js';
import { SeverableSockets } from './severable-sockets.js';

const OPTIONS = {
  groupId: 'g',
  sessionTimeoutMs: 10_000,
  maxBytesPerPartition: 1_000,
  concurrency: 1,
  holdMs: 10,
  stallMs: 90_000,
  drainMs: 10,
};

type Listener = (event: { payload: unknown }) => void;

/**
 * An instance over a kafkajs consumer that never reaches a broker; its events are told by the test. These faults, a
 * client that goes silent without an error, cannot be had from a real one at will.
 */
function instanceOfSilentClient() {
  const kafka = new kafkajs.Kafka({ brokers: ['nowhere:1'], logLevel: kafkajs.logLevel.NOTHING });
  const consumer = kafka.consumer({ groupId: 'g' });
  const listeners = new Map<string, Listener>();
  Object.assign(consumer, {
    connect: () => Promise.resolve(),
    subscribe: () => Promise.resolve(),
    run: () => Promise.resolve(),
    disconnect: () => Promise.resolve(),
    on: (name: string, listener: Listener) => listeners.set(name, listener),
  });
  jest.spyOn(kafka, 'consumer').mockReturnValue(consumer);
  const said: string[] = [];
  const instance = new ConsumerInstance(() => ({ kafka, sockets: new SeverableSockets() }), ['t'], OPTIONS, {
    onBatch: () => Promise.resolve(),
    onJoined: () => said.push('joined'),
    onSilence: (silent) => said.push(silent ? 'silent' : 'heard'),
  });
  void instance.ended.then(() => said.push(`ended: ${instance.endReason}`));
  const tell = (name: keyof typeof consumer.events, payload: unknown = {}) =>
    listeners.get(consumer.events[name])?.({ payload });
  return { instance, tell, said };
}

/** Lets time pass, with the signs of life that a client gives in each second. */
async function pass(seconds: number, eachSecond: () => void = () => undefined): Promise<void> {
  for (let second = 0; second < seconds; second += 1) {
    eachSecond();
    await jest.advanceTimersByTimeAsync(1_000);
  }
}

describe('the watch over a kafkajs consumer', () => {
  beforeEach(() => {
    jest.useFakeTimers();
  });
  afterEach(() => {
    jest.useRealTimers();
    jest.restoreAllMocks();
  });

  async function joined() {
    const given = instanceOfSilentClient();
    await given.instance.start();
    given.tell('GROUP_JOIN', { memberAssignment: { t: [0, 2] } });
    return given;
  }

  it('knows what it was assigned', async () => {
    const { instance, said } = await joined();
    expect([0, 1, 2].map((partition) => instance.isAssigned({ topic: 't', partition }))).toEqual([true, false, true]);
    expect([instance.joined, said]).toEqual([true, ['joined']]);
    await instance.stop();
    expect(instance.joined).toBe(false);
  });

  it('leaves a living client alone', async () => {
    const { tell, said } = await joined();
    await pass(200, () => {
      tell('HEARTBEAT');
      tell('FETCH');
    });
    expect(said).toEqual(['joined']);
  });

  it('tells of silence after the session, of its end, and gives a long one up', async () => {
    const { tell, said } = await joined();
    await pass(15);
    expect(said).toEqual(['joined', 'silent']);
    await pass(2, () => {
      tell('HEARTBEAT');
      tell('FETCH');
    });
    expect(said).toEqual(['joined', 'silent', 'heard']);
    await pass(95);
    expect(said).toEqual(['joined', 'silent', 'heard', 'silent', 'ended: silent for too long']);
  });

  it('gives up a client that never joins', async () => {
    const { instance, said } = instanceOfSilentClient();
    await instance.start();
    await pass(80);
    expect(said).toEqual([]);
    await pass(15);
    expect(said).toEqual(['ended: silent for too long']);
  });

  it('gives up a client that fetches but no longer reaches its group', async () => {
    const { tell, said } = await joined();
    await pass(15, () => tell('FETCH'));
    expect(said).toContain('ended: lost its group');
  });

  it('gives up a client whose fetching hangs although it still beats', async () => {
    const { tell, said } = await joined();
    await pass(95, () => tell('HEARTBEAT'));
    expect(said).toContain('ended: silent for too long');
  });

  it('gives as the reason of a crash its error, though the disconnection comes first', async () => {
    const { tell, said } = await joined();
    tell('DISCONNECT');
    tell('CRASH', { error: new Error('out of luck'), restart: false });
    await pass(1);
    expect(said).toEqual(['joined', 'ended: out of luck']);
  });

  it('notices a client that stops without saying why', async () => {
    const { tell, said } = await joined();
    tell('DISCONNECT');
    await pass(1);
    expect(said).toEqual(['joined', 'ended: disconnected']);
  });
});
