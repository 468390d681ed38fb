import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { liveRow, pythonIn, rowIds } from '#libs/testing';
import { PlatformRig } from './platform-rig.js';

const PACKAGES = ['pymisp==2.5.34.4'];

describe('sightings of MISP', () => {
  let rig: PlatformRig;
  let folder: string;

  beforeAll(async () => {
    rig = await PlatformRig.start();
    folder = await mkdtemp(join(tmpdir(), 'tocsin-python-'));
  }, 600_000);

  afterAll(async () => {
    await rig.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const kept = (platformId: string): Promise<unknown[]> =>
    rig.database.query('SELECT kind, said FROM platform_api.feedback WHERE platform_id = $1 ORDER BY id', [platformId]);

  test('as PyMISP writes them are answers, by the program of the manual', async () => {
    const python = await pythonIn(folder, PACKAGES);
    if (!python) return;
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    await rig.changes(platform, channel);
    const manual = await readFile(resolve('docs/receivers/feedback.md'), 'utf8');
    const program = /```python\n(.*?)```/s.exec(manual)?.[1] ?? '';
    const env = { PLATFORM_API: rig.url, CHANNEL: channel, KEY: platform.key, ROW: row };
    const { stdout } = await promisify(execFile)(python, ['-c', program], { env });
    expect(stdout.trim()).toBe('3 accepted, 0 rejected');
    expect(await kept(platform.id)).toHaveLength(3);
  });

  test('are refused with a value, of another type, with a name in them, and of rows that were not given', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [row = '', other = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, row)]);
    await rig.changes(platform, channel);
    const { body } = await rig.post(platform, `/v1/channels/${channel}/sightings/add`, [
      { Sighting: { uuid: row, type: '0', date_sighting: '1764230400' } },
      { uuid: row, value: 'https://host.example/' },
      { uuid: row, type: '3' },
      { uuid: row, type: '1', source: 'jane.doe@host.example' },
      { uuid: other, type: '1' },
      { uuid: row, user_id: '7' },
      { uuid: row, date_sighting: '9e99' },
    ]);
    const { items } = body as { items: { code?: string }[] };
    expect(items.map(({ code }) => code)).toEqual([
      undefined,
      ...['TOC_ITEM_MALFORMED', 'TOC_ITEM_MALFORMED', 'TOC_FEEDBACK_PEOPLE_DATA'],
      ...['TOC_FEEDBACK_NOT_DISCLOSED', 'TOC_ITEM_MALFORMED', 'TOC_ITEM_MALFORMED'],
    ]);
    const one = await rig.post(platform, `/v1/channels/${channel}/sightings/add/${row}`, { type: 2 });
    expect(one.body).toMatchObject({ accepted: 1 });
  });
});
