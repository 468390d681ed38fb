import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { readFile } from 'node:fs/promises';
import { collectionId } from '#libs/stix';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { PlatformRig } from '../../apps/platform-api/test/platform-rig.js';
import { manualText, startManualProgram } from './manual-program.js';

const run = promisify(execFile);

function hasClient(): boolean {
  try {
    execFileSync('python3', ['-c', 'import taxii2client'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('skipped: there is no python3 with taxii2-client\n');
    return false;
  }
}

describe('the manual of TAXII', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  (hasClient() ? test : test.skip)('has a reader in Python that follows a channel', async () => {
    const channel = await rig.channel();
    const { key } = await rig.platform([channel]);
    const [a = '', b = ''] = rowIds(2);
    await rig.write(channel, [liveRow(channel, a), liveRow(channel, b, 1, { ceiling: 'review' })]);
    const program = await startManualProgram(await manualText('taxii.md', 'python'), 'python', {
      ...{ TOCSIN: rig.url, COLLECTION: collectionId(channel), KEY: key, PAUSE: '0.1' },
    });
    try {
      await program.says(`live ${b} 1 review`, 30_000);
      await rig.write(channel, [withdrawnRow(channel, a, 2), liveRow(channel, b, 2)]);
      await program.says(`live ${b} 2 limit`, 30_000);
      expect(program.lines).toEqual([
        ...[`live ${a} 1 limit`, `live ${b} 1 review`, `revoked ${a} 2 restore`, `live ${b} 2 limit`],
      ]);
    } finally {
      await program.stop();
    }
    const receipts = await rig.database.query<object[]>(
      'SELECT FROM platform_api.disclosure WHERE channel_id = $1 AND fetched_at IS NOT NULL',
      [channel],
    );
    expect(receipts.length).toBeGreaterThan(0);
  });

  test('has commands of curl that answer what it says', async () => {
    const channel = 'everyone';
    await rig.database.query(
      `INSERT INTO directory.channel (id, title, audience, highest_tlp, priority) VALUES ($1, $1, '{}', 'red', 'ordinary')`,
      [channel],
    );
    const { key } = await rig.platform([channel]);
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    const manual = await readFile('docs/receivers/taxii.md', 'utf8');
    const [, commands = ''] = /```sh\n(.*?)```/s.exec(manual) ?? [];
    const env = { ...process.env, TOCSIN: rig.url, KEY: key, KEY_ID: key.split('_')[1] };
    const { stdout } = await run('sh', ['-ec', commands], { env });
    expect(stdout).toContain(`"alias":"${channel}"`);
    expect(stdout).toContain(row);
    expect(stdout.toLowerCase()).toContain('x-taxii-date-added-last: ');
  });
});
