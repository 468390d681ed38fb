import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { promisify } from 'node:util';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { manualLanguages, manualText, startManualProgram } from '../../../tools/receivers/manual-program.js';
import { PlatformRig } from './platform-rig.js';

describe('the programs in the manual of looking up', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    mkdirSync('var', { recursive: true });
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  async function channelWith(
    value: string,
  ): Promise<{ channel: string; row: string; environment: Record<string, string> }> {
    const channel = await rig.channel();
    const { key } = await rig.platform([channel], {}, 'NL', 'look-up');
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row, 1, { value })]);
    return { channel, row, environment: { PLATFORM_API: rig.url, KEY: key, CHANNEL: channel } };
  }

  it.each(manualLanguages())('in %s find what is listed, and hear that it is taken back', async (language) => {
    const { channel, row, environment } = await channelWith('https://host.example/watch/1?v=2');
    const text = await manualText('look-up.md', language);
    const program = await startManualProgram(text, language, { ...environment, EVERY_S: '0.3' });
    try {
      program.tell('https://host.example/watch/2');
      program.tell('http://HOST.example/watch/1?v=2');
      await program.says('limit http://HOST.example/watch/1?v=2', 30_000);
      await rig.write(channel, [withdrawnRow(channel, row, 2)]);
      await program.says(`withdrawn ${row} 2 restore`, 30_000);
      program.tell('http://HOST.example/watch/1?v=2');
      await program.says('not listed http://HOST.example/watch/1?v=2', 30_000);
      expect(program.lines[0]).toBe('not listed https://host.example/watch/2');
    } finally {
      await program.stop();
    }
  });

  it.each([
    ['https://host.example/watch/1', /^"suffix":"[0-9a-f]{61}"$/],
    ['https://host.example/watch/2', /^not listed$/],
  ])('with curl are a few lines: %s', async (value, said) => {
    const { environment } = await channelWith(value);
    const env = { PATH: process.env.PATH ?? '', ...environment };
    const { stdout } = await promisify(execFile)('sh', ['-c', await manualText('look-up.md', 'sh')], { env });
    expect(stdout.trim()).toMatch(said);
  });
});
