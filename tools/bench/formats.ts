import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { repositoryRoot } from '#libs/embedded';
import type { Figure } from './measure.js';

const ITEMS = 200_000;
const MOST_MEGABYTES = 400;

interface Measured {
  name: string;
  itemsASecond: number;
  megabytesASecond: number;
  peakMegabytes: number;
}

/** Reads a long document of each format, each in a process of its own. */
export function measureFormats(say: (sentence: string) => void): Figure[] {
  say(`formats: ${ITEMS} items of each, in a process of its own`);
  const script = join(repositoryRoot(), 'dist/libs/formats/bench/throughput.js');
  const told = execFileSync(process.execPath, [script, String(ITEMS), 'json'], { encoding: 'utf8' });
  return told
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Measured)
    .flatMap(({ name, itemsASecond, megabytesASecond, peakMegabytes }): Figure[] => [
      {
        bench: 'formats',
        figure: `${name}: ${Math.round(itemsASecond)} items/s`,
        value: megabytesASecond,
        unit: 'MB/s',
      },
      {
        ...{ bench: 'formats', figure: `${name}: peak memory`, value: peakMegabytes, unit: 'MB' },
        ...{ wanted: `≤ ${MOST_MEGABYTES}`, reached: peakMegabytes <= MOST_MEGABYTES },
      },
    ]);
}
