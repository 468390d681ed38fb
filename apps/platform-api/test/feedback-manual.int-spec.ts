import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { liveRow, rowIds } from '#libs/testing';
import { PlatformRig } from './platform-rig.js';

/** The first block of shell in the manual that calls this path. */
async function callOf(path: string): Promise<string> {
  const manual = await readFile('docs/receivers/feedback.md', 'utf8');
  const blocks = [...manual.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, block = '']) => block);
  const found = blocks.find((block) => block.includes(`https://platform.tocsin.example${path}`));
  if (found === undefined) throw new Error(`the manual calls no ${path}`);
  return found;
}

describe('the calls in the manual of feedback', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const run = async (call: string, env: Record<string, string> = {}): Promise<unknown> => {
    const here = call.replaceAll('https://platform.tocsin.example', rig.url);
    const { stdout } = await promisify(execFile)('sh', ['-c', here], { env: { PATH: process.env.PATH ?? '', ...env } });
    return JSON.parse(stdout);
  };

  it('give a dispute and a sighting of a row that was disclosed', async () => {
    const channel = await rig.channel();
    const platform = await rig.platform([channel]);
    const [row = ''] = rowIds(1);
    await rig.write(channel, [liveRow(channel, row)]);
    await rig.changes(platform, channel);
    const call = (await callOf('/v1/feedback'))
      .replaceAll('"everyone"', `"${channel}"`)
      .replaceAll('0b0d0f10-1112-8314-9516-171819202122', row)
      .replaceAll('2026-12-', '2026-10-');
    expect(await run(call, { KEY: platform.key })).toMatchObject({ accepted: 2, rejected: 0 });
  });

  it('challenge an address without a key', async () => {
    expect(await run(await callOf('/v1/challenges'))).toMatchObject({ state: 'received' });
  });
});
