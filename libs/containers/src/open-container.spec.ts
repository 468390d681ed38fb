import fc from 'fast-check';
import { TocsinError } from '#libs/domain';
import { makeDocx, makeXlsx, paragraph } from '../test/make-office.js';
import { makePage } from '../test/make-pdf.js';
import { makeZip } from '../test/make-zip.js';
import { HASH, attached } from '../test/opened-in-test.js';
import { openContainer } from './open-container.js';
import { storedDocument } from './stored-document.js';

describe('any change of a container', () => {
  const table = makeXlsx({
    one: [
      ['sha256', 'note'],
      [HASH, 'x'],
    ],
  });
  const WHOLE: [string, Buffer][] = [
    ['mail', attached(['list.csv', 'text/csv', 'url\nhttps://a.example/1\n'], ['t.xlsx', 'x/y', table])],
    ['page', Buffer.from('<html><body><table><tr><td>a<p>b</table><a href="https://a.example">x</a></body></html>')],
    ['spreadsheet', table],
    ['document', makeDocx(`${paragraph('one')}<w:tbl><w:tr><w:tc>${paragraph('a')}</w:tc></w:tr></w:tbl>`)],
    [
      'archive',
      makeZip([
        { name: 'a.txt', bytes: `${HASH}\n` },
        { name: 'b.xlsx', bytes: table },
      ]),
    ],
    ['PDF document', makePage(['one', 'two'])],
  ];

  it.each(WHOLE)('is read or refused: %s', async (_name, whole) => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ at: fc.double({ min: 0, max: 1, noNaN: true }), byte: fc.nat(255) }), { maxLength: 6 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.boolean(),
        async (changes, cut, isCut) => {
          const bytes = Buffer.from(whole);
          for (const { at, byte } of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte;
          const result = await openContainer(isCut ? bytes.subarray(0, Math.floor(cut * bytes.length)) : bytes).catch(
            (thrown: unknown) => thrown,
          );
          if (result instanceof Error && !(result instanceof TocsinError)) throw result;
        },
      ),
      { numRuns: Number(process.env['TOCSIN_FUZZ_RUNS'] ?? 100) },
    );
  });
});

it('tells which positions belong to which document', async () => {
  const stored = storedDocument(await openContainer(attached(['list.csv', 'text/csv', `url\nhttps://a.example/1\n`])));
  expect(stored.format).toBe('opened-container');
  expect(stored.contents.documents).toEqual([
    { name: 'mail', format: 'text', positions: { from: 1, to: 4 } },
    { name: 'list.csv', format: 'csv-list', positions: { from: 5, to: 7 } },
  ]);
});
