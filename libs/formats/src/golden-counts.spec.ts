import { existsSync, readFileSync } from 'node:fs';
import { countSamples, SAMPLES, type Counts } from '../test/count-samples.js';

const golden = JSON.parse(readFileSync(new URL('golden-counts.json', import.meta.url), 'utf8')) as Record<
  string,
  Counts
>;

describe('real documents', () => {
  const there = existsSync(SAMPLES);
  if (!there)
    process.stderr.write('formats: the folder of real documents is not here; golden counts are not compared\n');

  (there ? it : it.skip)('are all read or refused, with the counts that were looked at', async () => {
    const counts = await countSamples();
    expect(Object.keys(counts)).toEqual(Object.keys(golden));
    for (const [name, said] of Object.entries(counts)) expect({ name, ...said }).toEqual({ name, ...golden[name] });
  });
});
