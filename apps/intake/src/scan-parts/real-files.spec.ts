import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { TocsinError } from '#libs/domain';
import { PartScanner } from './part-scanner.js';

const SAMPLES = resolve(import.meta.dirname, '../../../../../shared/samples');

function refusalOf(file: string): string | undefined {
  const scanner = new PartScanner({ tlp: 'amber+strict', classification: 'unclassified' });
  try {
    scanner.scan(readFileSync(file));
    scanner.end();
  } catch (thrown) {
    if (thrown instanceof TocsinError) return thrown.code;
    throw thrown;
  }
  return undefined;
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** What published advisories, lists and test suites hold that must not be kept; everything else passes. */
const REFUSED: Record<string, [code: string, files: number]> = {
  csv: ['TOC_SUBMISSION_ENCODING', 1],
  email: ['TOC_SUBMISSION_MEDIA', 1],
  hashlists: ['TOC_SUBMISSION_ENCODING', 2],
  misp: ['TOC_SUBMISSION_MEDIA', 2],
  pdf: ['TOC_SUBMISSION_FORMAT', 1],
  'stix/media': ['TOC_SUBMISSION_MEDIA', 11],
  'stix/marked': ['TOC_SUBMISSION_ABOVE_LEVEL', 5],
};

const present = existsSync(SAMPLES);
(present ? describe : describe.skip)(
  `published files${present ? '' : ' (skipped: there are no samples beside the repository)'}`,
  () => {
    it.each(Object.entries(REFUSED))('%s: only what has to be is refused', (name, [code, files]) => {
      const folder = join(SAMPLES, name.split('/')[0] ?? '');
      const refused = filesBelow(folder).filter((file) => refusalOf(file) === code);
      expect({ refused: refused.length, of: refused.map((file) => relative(SAMPLES, file)) }).toMatchObject({
        refused: files,
      });
    });

    it.each(['csaf', 'ntas', 'openioc', 'misp-warninglists', 'text', 'url-vectors'])(
      '%s: nothing is refused',
      (name) => {
        expect(filesBelow(join(SAMPLES, name)).filter((file) => refusalOf(file) !== undefined)).toEqual([]);
      },
    );
  },
);
