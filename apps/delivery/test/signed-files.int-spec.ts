import { execFile, execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { KeyRing, webhookSigning } from '#libs/access';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { manualText, startManualProgram } from '../../../tools/receivers/manual-program.js';
import { eventually, Exchange } from './exchange.js';

let exchange: Exchange;
let root: string;

beforeAll(async () => {
  mkdirSync('var', { recursive: true });
  exchange = await Exchange.open('files');
  root = await mkdtemp(join(tmpdir(), 'tocsin-files-'));
  await exchange.startDelivery({ TOCSIN_FILES_DIR: root });
}, 60_000);

afterAll(async () => {
  await exchange.close();
  await rm(root, { recursive: true, force: true });
});

async function platform(channel: string): Promise<{ platformId: string; subscriptionId: string; folder: string }> {
  const [platformId, subscriptionId] = [await exchange.organisation('platform'), randomUUID()];
  await exchange.database.query(
    `INSERT INTO directory.subscription (id, platform_id, connector, channels, settings, sealed_secrets)
     VALUES ($1, $2, 'signed-file', $3, '{"full_at": 3, "keep_days": 14, "mail": "none"}', $4)`,
    [subscriptionId, platformId, [channel], exchange.sealed(subscriptionId)],
  );
  return { platformId, subscriptionId, folder: join(root, platformId) };
}
const publicKeys = (): string =>
  webhookSigning(KeyRing.open(exchange.keysDir, 'webhook-signing'))
    .publicKeys()
    .map(({ raw }) => `whpk_${raw.toString('base64')}`)
    .join(',');
const namesIn = (folder: string): Promise<string[]> => readdir(folder).catch(() => []);

describe('a platform that takes signed files', () => {
  it('finds rows and withdrawals in its folder, also of what it was given before it left', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const { platformId, subscriptionId, folder } = await platform(channel);
    const environment = { FOLDER: folder, PLATFORM: platformId, PUBLIC_KEYS: publicKeys() };
    const program = await startManualProgram(
      await manualText('signed-file.md', 'typescript'),
      'typescript',
      environment,
    );
    try {
      const [a = '', b = '', c = ''] = rowIds(3);
      await exchange.publish(channel, [liveRow(channel, a), liveRow(channel, b)]);
      await program.says(`live ${b} 1`, 60_000);
      await exchange.publish(channel, [withdrawnRow(channel, a, 2)]);
      await program.says(`withdrawn ${a} 2 restore`, 60_000);
      await exchange.change(subscriptionId, `state = 'left', leave_policy = 'keep-until-expiry', revision = 2`);
      await exchange.publish(channel, [liveRow(channel, c), withdrawnRow(channel, b, 2)]);
      await program.says(`withdrawn ${b} 2 restore`, 60_000);
      expect(program.lines).toEqual([
        ...[`live ${a} 1`, `live ${b} 1`],
        ...[`withdrawn ${a} 2 restore`, `withdrawn ${b} 2 restore`],
      ]);
      const evidence = await exchange.database.query<{ evidence: { file: string } }[]>(
        `SELECT evidence FROM delivery.receipt r JOIN delivery.disclosure d ON d.id = r.disclosure_id
          WHERE d.subscription_id = $1`,
        [subscriptionId],
      );
      expect(evidence.map(({ evidence: { file } }) => file.split('-')[0]).sort()).toEqual(
        expect.arrayContaining(['content', 'withdrawals', 'withdrawals']),
      );
    } finally {
      await program.stop();
    }
  }, 240_000);

  it('verifies them with openssl, and sees what was changed on the way', async () => {
    try {
      execFileSync('openssl', ['version'], { stdio: 'ignore' });
    } catch {
      process.stderr.write('skipped: there is no openssl\n');
      return;
    }
    const channel = await exchange.channel({ partitions: 1 });
    const { folder } = await platform(channel);
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    await eventually(
      async () =>
        expect((await namesIn(join(folder, channel))).filter((name) => name.endsWith('.json'))).toHaveLength(1),
      60_000,
    );
    const names = (await namesIn(join(folder, channel))).sort();
    expect(names.map((name) => name.slice(name.indexOf('.')))).toEqual(['.json', '.json.sig', '.ndjson']);
    const home = await mkdtemp(join(tmpdir(), 'tocsin-home-'));
    const text = await manualText('signed-file.md', 'sh');
    const [key = ''] = publicKeys().split(',');
    const env = { PATH: process.env.PATH ?? '', HOME: home, FOLDER: folder, CHANNEL: channel, PUBLIC_KEY: key };
    const run = async (): Promise<string> =>
      (await promisify(execFile)('sh', ['-c', `${text}\ntrue`], { env })).stdout.replace(/content-[0-9a-f-]+/g, 'F');
    expect((await run()).trim().split('\n')).toEqual(['Signature Verified Successfully', 'F.ndjson is whole']);
    const manifest = join(folder, channel, names[0] ?? '');
    await writeFile(manifest, (await readFile(manifest, 'utf8')).replace('"records":1', '"records":2'));
    expect(await run()).not.toContain('Signature Verified Successfully');
    await rm(home, { recursive: true });
  }, 120_000);

  it('gets what was waiting once the folder is there again', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const { folder, subscriptionId } = await platform(channel);
    await rename(root, `${root}-away`);
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    await eventually(
      async () =>
        expect(
          await exchange.database.query(
            `SELECT last_detail FROM delivery.endpoint WHERE subscription_id = $1 AND failing_since IS NOT NULL`,
            [subscriptionId],
          ),
        ).toEqual([{ last_detail: expect.stringContaining('folder') as unknown }]),
      60_000,
    );
    await rename(`${root}-away`, root);
    await eventually(async () => expect(await namesIn(join(folder, channel))).toHaveLength(3), 60_000);
  }, 180_000);
});
