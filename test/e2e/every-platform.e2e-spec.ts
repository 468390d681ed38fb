import { ReachRun } from '../../tools/prove-reach/reach-run.js';
import { ExchangeUnderTest } from '../exchange-under-test.js';

/** One of the platforms takes its time over every delivery. */
const RUN_MS = 600_000;

describe('every kind of platform', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('every-platform')));
  afterAll(() => under.stop());

  test(
    'receives, gives back what is retracted, offline or gone, and says so',
    async () => {
      const run = await ReachRun.open(under.exchange, () => undefined);
      const { rows, retracted, platforms, reach } = await run.run(400);
      expect(new Set(platforms.map(({ path }) => path))).toEqual(
        new Set(['webhook', 'kafka', 'feed', 'taxii', 'look-up', 'signed-file']),
      );
      expect(platforms.filter(({ was }) => was === 'offline')).toHaveLength(2);
      expect(platforms.filter(({ was }) => was === 'gone')).toHaveLength(1);
      for (const platform of platforms) {
        const { should_receive: all, should_withdraw: half, path } = platform;
        expect(platform).toMatchObject({ received: all, withdrawn: half, live: all - half, confirmed: half });
        if (path === 'look-up') expect(half).toBeGreaterThan(0);
        else expect([all, half]).toEqual([rows, retracted]);
      }
      expect(reach.length).toBeGreaterThan(0);
      // Whom a look-up told is not known.
      const known = platforms.length - 1;
      for (const row of reach) expect(row).toEqual({ told: known, disclosed: known, confirmed: known });
    },
    RUN_MS,
  );
});
