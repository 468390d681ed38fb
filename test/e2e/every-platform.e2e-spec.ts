import { ReachRun } from '../../tools/prove-reach/reach-run.js';
import { runTocsin } from '../command-line.js';
import { ExchangeUnderTest, HARBOUR } from '../exchange-under-test.js';

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
      const { rows, retracted, platforms, retraction, reach } = await run.run(400, 200);
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

      const { agency, operator } = retraction;
      const everybody = { followed: true, rows: retracted, open: 0 };
      expect(operator).toMatchObject({ ...everybody, had: known, told: known, confirmed: known });
      const paths = platforms.filter(({ path }) => path !== 'look-up').map(({ path }) => path);
      const [removed, restored] = [true, false].map((kafka) => paths.filter((path) => (path === 'kafka') === kafka));
      expect(operator.outcomes).toEqual([
        { outcome: 'removed', platforms: removed?.length, rows: (removed?.length ?? 0) * retracted },
        { outcome: 'restored', platforms: restored?.length, rows: (restored?.length ?? 0) * retracted },
      ]);
      // The agency follows those that were offline; the one that left is the operators' to follow, and its words are not told.
      const left = platforms.find(({ was }) => was === 'gone')?.name;
      expect(agency).toMatchObject({ ...everybody, had: known - 1, told: known - 1, confirmed: known - 1 });
      expect(agency.followed_by_operators).toEqual({ platforms: 1, closed_by_statement: 0 });
      expect(agency.platforms.map(({ platform }) => platform)).not.toContain(left);
      for (const { name } of platforms.filter(({ was }) => was === 'offline'))
        expect(agency.platforms).toContainEqual(
          expect.objectContaining({ platform: name, told: true, confirmed: true }),
        );
      expect(JSON.stringify(agency)).not.toMatch(/outcomes|restored|removed/);

      const { exchange } = under;
      const tocsin = (key: string, ...args: string[]) =>
        runTocsin(['retractions', ...args], {
          TOCSIN_INTAKE_URL: exchange.url('intake'),
          TOCSIN_CONSOLE_URL: exchange.url('console'),
          TOCSIN_KEY: key,
        });
      const asAgency = await tocsin(exchange.key(HARBOUR, 'officer'), '--submission', agency.retraction_id);
      expect(asAgency).toMatchObject({ status: 0, stderr: '' });
      expect(asAgency.stdout).toContain(
        `${known - 1} of ${known - 1} platforms told, ${known - 1} of ${known - 1} confirmed`,
      );
      const someOperator = exchange.file.state.people.find(({ role }) => role === 'operator')?.key ?? '';
      const asOperator = await tocsin(someOperator, '--retraction', agency.retraction_id);
      expect(asOperator.stdout).toMatch(
        new RegExp(`${known} of ${known} confirmed: .*restored, ${(restored?.length ?? 0) * retracted} rows`),
      );
    },
    RUN_MS,
  );
});
