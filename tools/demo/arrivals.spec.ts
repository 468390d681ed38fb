import type { AddressInfo } from 'node:net';
import type { Server } from 'node:http';
import { ReceiverState } from '../receivers/receiver-state.js';
import { stateServer } from '../receivers/state-endpoint.js';
import { ArrivalWatch, type Expected } from './arrivals.js';

const PLATFORMS = ['Framehub', 'Pinegrove Forum'] as const;
const VALUES = ['one', 'two', 'three'];
const SIGNALS: Expected = { platforms: PLATFORMS, channel: 'everyone', type: 'row', about: VALUES };

describe('the watch over arrivals', () => {
  const servers: Server[] = [];
  let states: Record<(typeof PLATFORMS)[number], ReceiverState>;
  let watch: ArrivalWatch;

  beforeEach(async () => {
    states = { Framehub: new ReceiverState(), 'Pinegrove Forum': new ReceiverState() };
    const receivers = await Promise.all(
      PLATFORMS.map(async (platform) => {
        const server = stateServer(states[platform]);
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        servers.push(server);
        return { platform, state: `http://127.0.0.1:${(server.address() as AddressInfo).port}/state` };
      }),
    );
    watch = new ArrivalWatch(receivers);
    await watch.mark();
  });
  afterEach(() => servers.splice(0).forEach((server) => server.close()));

  function signals(values: readonly string[], channel = 'everyone'): object[] {
    return values.map((value) => ({ id: value, type: 'row', channel, row_id: value, version: 1, signal: { value } }));
  }

  function withdrawals(values: readonly string[]): object[] {
    return values.map((value) => ({ id: value, type: 'withdrawal', channel: 'everyone', row_id: value, version: 2 }));
  }

  it('is complete when every value is at every platform', async () => {
    for (const platform of PLATFORMS) states[platform].take('d', 1, signals(VALUES));
    const { complete, missing } = await watch.wait(SIGNALS, Date.now(), 10_000);
    expect(missing).toEqual([]);
    expect(complete.map(({ platform }) => platform)).toEqual(PLATFORMS);
    expect(await watch.astray([SIGNALS])).toEqual([]);
  });

  it('misses one of three values at one of two platforms', async () => {
    states.Framehub.take('d', 1, signals(VALUES));
    states['Pinegrove Forum'].take('d', 1, signals(['one', 'three']));
    const { complete, missing } = await watch.wait(SIGNALS, Date.now(), 0);
    expect(missing).toEqual([{ platform: 'Pinegrove Forum', about: 'two' }]);
    expect(complete.map(({ platform }) => platform)).toEqual(['Framehub']);
  });

  it('misses one of three withdrawals', async () => {
    for (const platform of PLATFORMS) states[platform].take('d', 1, signals(VALUES));
    await watch.wait(SIGNALS, Date.now(), 10_000);
    states.Framehub.take('d', 1, withdrawals(['one', 'two']));
    states['Pinegrove Forum'].take('d', 1, withdrawals(VALUES));
    const { missing } = await watch.wait({ ...SIGNALS, type: 'withdrawal' }, Date.now(), 0);
    expect(missing).toEqual([{ platform: 'Framehub', about: 'three' }]);
  });

  it('does not take a record on another channel for the one expected, and calls it astray', async () => {
    for (const platform of PLATFORMS) states[platform].take('d', 1, signals(['one'], 'france'));
    const expected = { ...SIGNALS, platforms: ['Pinegrove Forum'], channel: 'france', about: ['one'] };
    expect(await watch.wait(expected, Date.now(), 10_000)).toMatchObject({ missing: [] });
    expect(await watch.astray([expected])).toEqual([{ platform: 'Framehub', channel: 'france', about: 'one' }]);
    expect((await watch.wait({ ...expected, channel: 'everyone' }, Date.now(), 0)).missing).toHaveLength(1);
  });

  it('does not count what was there before the mark', async () => {
    for (const platform of PLATFORMS) states[platform].take('d', 1, signals(VALUES));
    await watch.mark();
    expect((await watch.wait(SIGNALS, Date.now(), 0)).missing).toHaveLength(6);
  });
});
