import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { manualLanguages, manualText, startManualProgram } from '../../../tools/receivers/manual-program.js';
import { PlatformRig } from './platform-rig.js';

describe('the readers in the manual of the feed', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    mkdirSync('var', { recursive: true });
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  it.each(manualLanguages())('in %s go on from their cursor', async (language) => {
    const channel = await rig.channel();
    const { key } = await rig.platform([channel]);
    const environment = { PLATFORM_API: rig.url, KEY: key, CHANNEL: channel };
    const program = await startManualProgram(await manualText('feed.md', language), language, environment);
    try {
      const [a = '', b = ''] = rowIds(2);
      await rig.write(channel, [liveRow(channel, a), liveRow(channel, b)]);
      await program.says(`live ${b} 1`, 30_000);
      await rig.write(channel, [withdrawnRow(channel, a, 2), liveRow(channel, b, 2)]);
      await program.says(`live ${b} 2`, 30_000);
      expect(program.lines).toEqual([`live ${a} 1`, `live ${b} 1`, `withdrawn ${a} 2 restore`, `live ${b} 2`]);
    } finally {
      await program.stop();
    }
  });

  it('with curl are one line', async () => {
    const channel = await rig.channel();
    const { key } = await rig.platform([channel]);
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    const env = { PATH: process.env.PATH ?? '', PLATFORM_API: rig.url, KEY: key, CHANNEL: channel };
    const { stdout } = await promisify(execFile)('sh', ['-c', await manualText('feed.md', 'sh')], { env });
    expect(
      stdout
        .trimEnd()
        .split('\n')
        .map((line) => (JSON.parse(line) as { type: string }).type),
    ).toEqual(['row', 'cursor']);
  });
});
