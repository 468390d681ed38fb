import { ReachRun } from '../../tools/prove-reach/reach-run.js';
import { ExchangeUnderTest } from '../exchange-under-test.js';

describe('every kind of platform', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('every-platform')));
  afterAll(() => under.stop());

  test('receives, gives back what is retracted, offline or gone, and says so', async () => {
    const run = await ReachRun.open(under.exchange, () => undefined);
    const { rows, retracted, platforms, reach } = await run.run(400);
    expect(platforms.map(({ path }) => path)).toEqual([
      'webhook',
      'webhook',
      'webhook',
      'kafka',
      'feed',
      'feed',
      'taxii',
    ]);
    expect(platforms.filter(({ was }) => was === 'offline')).toHaveLength(2);
    expect(platforms.filter(({ was }) => was === 'gone')).toHaveLength(1);
    for (const platform of platforms) {
      expect(platform).toMatchObject({
        received: rows,
        withdrawn: retracted,
        live: rows - retracted,
        confirmed: retracted,
      });
    }
    expect(reach.length).toBeGreaterThan(0);
    for (const row of reach) {
      expect(row).toEqual({ told: platforms.length, disclosed: platforms.length, confirmed: platforms.length });
    }
  });
});
