import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { countSamples } from './count-samples.js';

/*
 * Writes the counts anew; to be read and understood line by line before they are committed.
 * After a build: node dist/libs/formats/test/write-golden-counts.js
 */
const counts = await countSamples();
const lines = Object.entries(counts).map(([name, said]) => `  ${JSON.stringify(name)}: ${JSON.stringify(said)}`);
writeFileSync(resolve('libs/formats/src/golden-counts.json'), `{\n${lines.join(',\n')}\n}\n`);
process.stdout.write(`${lines.length} lines\n`);
