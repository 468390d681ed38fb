import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { TocsinError } from '#libs/domain';
import { formatById } from '#libs/formats';
import { byteSource } from '#libs/testing';
import { makeDocx, paragraph } from '../test/make-office.js';
import { makeZip } from '../test/make-zip.js';
import { openContainer } from './open-container.js';
import { mayBeContainer } from './recognise-container.js';
import { storedDocument } from './stored-document.js';

const SAMPLES = resolve(import.meta.dirname, '../../../../shared/samples');

function filesBelow(folder: string): string[] {
  return readdirSync(join(SAMPLES, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

interface Outcome {
  documents?: string[];
  dropped?: string[];
  signals?: string[];
  refused?: string;
}

async function signalsOf(format: string, document: Buffer): Promise<string[]> {
  const signals: string[] = [];
  for await (const { items } of formatById(format).read(byteSource(document), { batchSize: 1000 })) {
    for (const item of items) if (item.kind === 'candidate') signals.push(...item.signals.map(({ value }) => value));
  }
  return signals;
}

/** What becomes of a file: its documents, what was dropped and the signals in it, or the refusal. */
async function outcomeOf(bytes: Buffer): Promise<Outcome> {
  try {
    const opened = await openContainer(bytes);
    const { format, document } = storedDocument(opened);
    const documents = opened.documents.map((one) => `${one.name}: ${one.format}`);
    return {
      documents,
      dropped: opened.dropped.map(({ kind }) => kind),
      signals: await signalsOf(format, document),
    };
  } catch (thrown) {
    if (thrown instanceof TocsinError && thrown.family === 'rejection') {
      return { refused: `${thrown.code} ${String(thrown.facts['why'])}` };
    }
    throw thrown;
  }
}

/** What was looked at by a person. */
const EXPECTED: Record<string, Outcome> = {
  'email/MISP_PyMISP/mail_1_headers_only.eml': { refused: 'TOC_SUBMISSION_CONTAINER nothing' },
  'email/MISP_PyMISP/mail_2.eml': { documents: ['mail: text'], dropped: [], signals: [] },
  'email/MISP_PyMISP/mail_3.eml': {
    documents: ['mail: text', 'attachment.txt: text'],
    dropped: ['media', 'media'],
    signals: [],
  },
  'email/pan-unit42_iocs/2020-09-03-Emotet-thread-hijacking-legitimate-email.txt': {
    documents: ['mail: text'],
    dropped: [],
    signals: [],
  },
  // Its addresses are made up, and end in nothing that is a suffix.
  'pdf/NCSC-NL_log4shell/Log4j_Attack_Detection_Guidance_-_Release.pdf': {
    documents: ['text: text'],
    dropped: [],
    signals: [],
  },
};

const present = existsSync(SAMPLES);
(present ? describe : describe.skip)(
  `published files${present ? '' : ' (skipped: there are no samples beside the repository)'}`,
  () => {
    it.each(Object.entries(EXPECTED))('%s', async (name, expected) => {
      const bytes = readFileSync(join(SAMPLES, name));
      expect(mayBeContainer(bytes.subarray(0, 65_536))).toBe(true);
      expect(await outcomeOf(bytes)).toEqual(expected);
    });

    it.each(['csv', 'hashlists', 'misp', 'stix', 'text', 'cap', 'csaf', 'openioc', 'hostile', 'stix1'])(
      '%s: none is taken for a container',
      (folder) => {
        const taken = filesBelow(folder).filter((file) => mayBeContainer(readFileSync(file).subarray(0, 65_536)));
        expect(taken.map((file) => relative(SAMPLES, file))).toEqual([]);
      },
    );

    it('text gives the same signals in a document and in a mail as by itself', async () => {
      let compared = 0;
      for (const file of filesBelow('text').filter((name) => /\.(?:md|txt)$/.test(name))) {
        const text = readFileSync(file);
        const direct = new Set(await signalsOf('text', text));
        if (direct.size === 0) continue;
        const lines = text.toString().replaceAll('\r', '').replaceAll('\t', ' ').split('\n');
        const office = makeDocx(lines.map((line) => paragraph(line)).join(''));
        const mail = Buffer.from(
          `From: a@a.example\nTo: b@b.example\nMessage-ID: <1@a.example>\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: base64\n\n${text.toString('base64')}\n`,
        );
        for (const bytes of [office, mail]) {
          expect({ file, signals: new Set((await outcomeOf(bytes)).signals) }).toEqual({ file, signals: direct });
        }
        compared += 1;
      }
      expect(compared).toBeGreaterThan(10);
    });

    it('hostile XML in a spreadsheet is read or refused', async () => {
      for (const file of filesBelow('hostile').filter((name) => name.endsWith('.xml'))) {
        const table = makeZip([
          { name: '[Content_Types].xml', bytes: 'x' },
          { name: 'xl/workbook.xml', bytes: readFileSync(file) },
        ]);
        expect((await outcomeOf(table)).refused).toMatch(/^TOC_SUBMISSION_CONTAINER (?:doctype|broken|nothing)$/);
      }
    });
  },
);
