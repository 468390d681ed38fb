import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { liveRow, pythonIn, rowIds, withdrawnRow } from '#libs/testing';
import { manualText, startManualProgram } from '../../../tools/receivers/manual-program.js';
import { PlatformRig, type RigPlatform } from './platform-rig.js';

const PACKAGES = ['threatexchange==1.2.17'];
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';
const MD5 = 'd41d8cd98f00b204e9800998ecf8427e';

/** The library's own exchange and client, as they are: it goes by time. */
const BY_TIME = `
import os, enum
from threatexchange.exchanges.impl.ncmec_api import NCMECSignalExchangeAPI, NCMECCollabConfig
class Environment(enum.Enum):
    tocsin = f"{os.environ['TOCSIN']}/hma/{os.environ['CHANNEL']}"
key = os.environ["KEY"]
exchange = NCMECSignalExchangeAPI(NCMECCollabConfig(name="t", environment=Environment.tocsin), key.split("_")[1], key)
print(exchange.get_client(Environment.tocsin).status().esp_id)
for delta in exchange.fetch_iter([], None):
    for entry in delta.updates.values():
        print("deleted" if entry.deleted else "live", entry.id)
`;

describe('a channel as a hash exchange', () => {
  let rig: PlatformRig;
  let folder: string;
  let python: string | undefined;

  beforeAll(async () => {
    rig = await PlatformRig.start();
    folder = await mkdtemp(join(tmpdir(), 'tocsin-python-'));
    python = await pythonIn(folder, PACKAGES);
  }, 600_000);

  afterAll(async () => {
    await rig.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const opened = async (): Promise<{ channel: string; platform: RigPlatform; env: Record<string, string> }> => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel], {}, 'NL', 'hma');
    const { key } = platform;
    const env = { TOCSIN: rig.url, CHANNEL: channel, KEY: key, KEY_ID: key.split('_')[1] ?? '', PAUSE: '0.5' };
    return { channel, platform, env: { PATH: `${folder}/bin:${process.env.PATH ?? ''}`, ...env } };
  };
  const entries = async (platform: RigPlatform, channel: string, query: Record<string, string>): Promise<string> =>
    (await rig.fetch(platform, `/hma/${channel}/v2/entries`, query)).text();
  const placeIn = (xml: string): string => /<next>\/v2\/entries\?\w+=([^<]*)<\/next>/.exec(xml)?.[1] ?? '';
  const fetchedOf = ({ subscriptionId }: RigPlatform): Promise<{ fetched: boolean }[]> =>
    rig.database.query(
      'SELECT fetched_at IS NOT NULL AS fetched FROM platform_api.disclosure WHERE subscription_id = $1 ORDER BY at',
      [subscriptionId],
    );

  test('is read whole, on, and to its deletions by the class of the manual', async () => {
    if (!python) return;
    const { channel, env } = await opened();
    const [a = '', b = ''] = rowIds(2);
    const program = await startManualProgram(await manualText('hma.md', 'python'), 'python', env);
    try {
      await rig.write(channel, [
        liveRow(channel, a, 1, { type: 'pdq', value: PDQ }),
        liveRow(channel, b, 1, { type: 'md5', value: MD5 }),
      ]);
      await program.says(`holds ${MD5} ${PDQ}`, 60_000);
      await rig.write(channel, [withdrawnRow(channel, a, 2)]);
      await program.says(`deleted ${a}`, 30_000);
      await program.says(`holds ${MD5}`, 30_000);
      expect(program.lines.filter((line) => line === `live ${b}`)).toHaveLength(1);
    } finally {
      await program.stop();
    }
  });

  test('is given whole to the exchange of the library, wherever its clock says it is', async () => {
    if (!python) return;
    const { channel, env } = await opened();
    const [a = '', b = ''] = rowIds(2);
    await rig.write(channel, [
      liveRow(channel, a, 1, { type: 'pdq', value: PDQ }),
      liveRow(channel, b, 1, { type: 'md5', value: MD5 }),
    ]);
    for (const TZ of ['UTC', 'Pacific/Kiritimati', 'Etc/GMT+12']) {
      const { stdout } = await promisify(execFile)(python, ['-c', BY_TIME], { env: { ...env, TZ } });
      expect(stdout.trim().split('\n').sort()).toEqual(['1', `live ${a}`, `live ${b}`].sort());
    }
  });

  test('with curl is one line', async () => {
    const { channel, env } = await opened();
    const [a = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, a, 1, { type: 'pdq', value: PDQ })]);
    const { stdout } = await promisify(execFile)('sh', ['-c', await manualText('hma.md', 'sh')], { env });
    expect(stdout).toContain(`<id>${a}</id><classification>tvec</classification><fingerprints><pdq>${PDQ}</pdq>`);
  });

  test('has only hashes that may be limited or blocked, and a deletion without a value for one that no longer may', async () => {
    const { channel, platform } = await opened();
    const [hash = '', review = '', url = '', sha256 = ''] = rowIds(4);
    await rig.write(channel, [
      liveRow(channel, hash, 1, { type: 'pdq', value: PDQ }),
      liveRow(channel, review, 1, { type: 'md5', value: MD5, ceiling: 'review' }),
      liveRow(channel, url),
      liveRow(channel, sha256, 1, { type: 'sha256', value: 'a'.repeat(64) }),
    ]);
    const first = await entries(platform, channel, { place: '' });
    expect(first.match(/<id>[^<]*/g)).toEqual([`<id>${hash}`]);
    expect(await fetchedOf(platform)).toEqual([{ fetched: false }]);
    await rig.write(channel, [liveRow(channel, hash, 2, { type: 'pdq', value: PDQ, ceiling: 'review' })]);
    const second = await entries(platform, channel, { place: placeIn(first) });
    expect(second).toContain('<deletedImage>');
    expect(second).not.toContain(PDQ);
    expect(await fetchedOf(platform)).toEqual([{ fetched: true }, { fetched: false }]);
  });

  test('gives deletions to a platform that is paused or has left, and no content; what waited comes afterwards', async () => {
    const { channel, platform } = await opened();
    const [a = '', b = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, a, 1, { type: 'pdq', value: PDQ })]);
    const first = await entries(platform, channel, { place: '' });
    await rig.change(platform, "state = 'paused'");
    await rig.write(channel, [withdrawnRow(channel, a, 2), liveRow(channel, b, 1, { type: 'md5', value: MD5 })]);
    const second = await entries(platform, channel, { place: placeIn(first) });
    expect(second.match(/<id>[^<]*/g)).toEqual([`<id>${a}`]);
    await rig.change(platform, "state = 'active'");
    const third = await entries(platform, channel, { place: placeIn(second) });
    expect(third.match(/<id>[^<]*/g)).toEqual([`<id>${b}`]);
    await rig.change(platform, "state = 'left', leave_policy = 'keep-until-expiry', revision = revision + 1");
    await rig.write(channel, [withdrawnRow(channel, b, 2)]);
    const last = await entries(platform, channel, { place: placeIn(third) });
    expect(last).toContain(`<id>${b}</id></deletedImage>`);
  });

  test('has pages that name the next, and refuses what was given to another', async () => {
    const { channel, platform } = await opened();
    const rows = rowIds(1_200);
    for (let at = 0; at < rows.length; at += 400)
      await rig.write(
        channel,
        rows
          .slice(at, at + 400)
          .map((row) => liveRow(channel, row, 1, { type: 'md5', value: row.replaceAll('-', '') })),
      );
    const first = await entries(platform, channel, { from: '1970-01-01T00:00:00Z', to: new Date().toISOString() });
    const second = await entries(platform, channel, { page: placeIn(first) });
    expect(`${first}${second}`.match(/<id>/g)).toHaveLength(1_200);
    expect(placeIn(second)).toBe('');
    const other = await rig.platform([channel], {}, 'NL', 'hma');
    const refused = await rig.fetch(other, `/hma/${channel}/v2/entries`, { page: placeIn(first) });
    expect(await refused.json()).toMatchObject({ code: 'TOC_REQUEST_CURSOR' });
    const stranger = await rig.platform([channel]);
    expect((await rig.fetch(stranger, `/hma/${channel}/v2/entries`, { place: '' })).status).toBe(404);
    expect((await fetch(`${rig.url}/hma/${channel}/v2/entries`)).status).toBe(401);
  });
});
