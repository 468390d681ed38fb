import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { byteSource, readAll } from '#libs/testing';
import { formatById } from '../detect-format.js';
import { textAdvisory } from './text-advisory.js';

/** Real texts that nobody of this project wrote; not part of the repository. */
const SAMPLES = path.resolve('../shared/samples');
const there = existsSync(path.join(SAMPLES, 'text'));
if (!there) process.stderr.write('text: the folder of real texts is not here; precision and recall are not measured\n');
const withSamples = there ? it : it.skip;

/** Least harmonic mean of precision and recall over all signals, and least precision. */
const FLOOR = 0.97;
/** Digits of a digest in the file of answers. */
const DIGITS = 10;

/**
 * What is in each text: the first digits of the SHA-256 of `type value` of each signal, in a row. Digests, since nothing
 * of the texts may be repeated here. Made by plain searches for digests and marked addresses, then corrected text by
 * text; the choices behind the corrections are those of the manual.
 */
const answers = JSON.parse(readFileSync(new URL('answers-of-real-texts.json', import.meta.url), 'utf8')) as Record<
  string,
  string
>;

const read = (file: string): Buffer => readFileSync(path.join(SAMPLES, file));

async function signalsOf(bytes: string | Buffer): Promise<Set<string>> {
  const { items } = await readAll(textAdvisory, byteSource(bytes));
  const signals = items.flatMap((item) => (item.kind === 'candidate' ? item.signals : []));
  return new Set(signals.map(({ type, value }) => `${type} ${value}`));
}

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, DIGITS);

describe('real texts', () => {
  withSamples('give what is in them (skipped when absent)', async () => {
    const counts = { right: 0, wrong: 0, missing: 0 };
    const worst: string[] = [];
    for (const [name, row] of Object.entries(answers)) {
      const expected = new Set(row.match(/.{10}/g));
      const found = new Set([...(await signalsOf(read(path.join('text', name))))].map(digestOf));
      const right = [...found].filter((each) => expected.has(each)).length;
      counts.right += right;
      counts.wrong += found.size - right;
      counts.missing += expected.size - right;
      if (found.size > right || expected.size > right) {
        worst.push(`${name}: ${found.size - right} wrong, ${expected.size - right} missing`);
      }
    }
    const { right, wrong, missing } = counts;
    const measured = { precision: right / (right + wrong), f1: (2 * right) / (2 * right + wrong + missing), worst };
    expect(right).toBeGreaterThan(2_000);
    expect({ ...measured, isEnough: measured.f1 >= FLOOR && measured.precision >= FLOOR }).toMatchObject({
      isEnough: true,
    });
  });

  const campaigns = [
    ['README.2.md', 'domains.3.txt'],
    ['README.4.md', 'domains.4.txt'],
  ] as const;
  withSamples.each(campaigns)(
    'of one campaign name one set of domains: %s, %s (skipped when absent)',
    async (...files) => {
      const [advisory, list] = files.map((file) => read(`text/AmnestyTech_investigations/${file}`).toString());
      const domains = [...(await signalsOf(advisory ?? ''))].filter((signal) => signal.startsWith('domain '));
      const listed = (list ?? '').split('\n').flatMap((line) => (line.trim() ? [`domain ${line.trim()}`] : []));
      expect(domains.map(digestOf).sort()).toEqual(listed.map(digestOf).sort());
    },
  );

  const BUNDLE = 'stix/AmnestyTech_investigations/cytrox.stix2';
  const spellings = [
    ['marked, in sentences', (name: string) => `The group also used ${name.replaceAll('.', '[.]')} for its links.`],
    ['in a list under a heading', (name: string) => `* \`${name}\``],
  ] as const;
  withSamples.each(spellings)(
    'have the set of the STIX bundle when they spell its domains %s (skipped when absent)',
    async (...row) => {
      const [, spell] = row;
      const { items } = await readAll(formatById('stix21'), byteSource(read(BUNDLE)));
      const signals = items.flatMap((item) => (item.kind === 'candidate' ? item.signals : []));
      const names = signals.filter(({ type }) => type === 'domain').map(({ value }) => value);
      const found = await signalsOf(['# Campaign', '', '## Domains', '', ...names.map(spell)].join('\n'));
      // One name of the bundle ends in no public suffix: text does not take it for a host.
      expect(names.length - found.size).toBe(1);
      expect([...found].filter((signal) => !names.includes(signal.replace('domain ', '')))).toEqual([]);
    },
  );
});
