import fc from 'fast-check';
import { TocsinError } from '#libs/domain';
import { makeDocx, makeXlsx, paragraph, relations } from '../test/make-office.js';
import { makePage } from '../test/make-pdf.js';
import { makeZip } from '../test/make-zip.js';
import { HASH, attached } from '../test/opened-in-test.js';
import { openContainer } from './open-container.js';
import { storedDocument } from './stored-document.js';

/** More of them on demand. */
const RUNS = Number(process.env['TOCSIN_FUZZ_RUNS'] ?? 100);

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

  it('inside its XML is read or refused', async () => {
    const parts: [name: string, xml: string][] = [
      ['xl/workbook.xml', '<workbook><sheets><sheet name="a" r:id="s"/></sheets></workbook>'],
      ['xl/_rels/workbook.xml.rels', relations({ id: 's', type: 'worksheet', target: 's.xml' })],
      ['xl/sharedStrings.xml', '<sst><si><t>sha256</t></si><si><r><t>a</t></r><rPh><t>b</t></rPh></si></sst>'],
      [
        'xl/s.xml',
        '<worksheet><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c><c r="C1" t="b"><v>1</v></c></row></sheetData></worksheet>',
      ],
      ['docProps/custom.xml', '<p><property name="a"><v>b</v></property></p>'],
    ];
    await fc.assert(
      fc.asyncProperty(
        fc.nat(parts.length - 1),
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.nat(12),
        fc.oneof(
          fc.string({ maxLength: 8 }),
          fc.constantFrom('</', '<c r="', '&#x0;', ']]>', '<!--', '999999999999', 'ZZZ9'),
        ),
        async (which, place, cut, text) => {
          const changed = parts.map(([name, xml], index) => {
            const at = Math.floor(place * xml.length);
            return { name, bytes: index === which ? xml.slice(0, at) + text + xml.slice(at + cut) : xml };
          });
          const table = makeZip([{ name: '[Content_Types].xml', bytes: 'x' }, ...changed]);
          const result = await openContainer(table).catch((thrown: unknown) => thrown);
          if (result instanceof Error && !(result instanceof TocsinError)) throw result;
        },
      ),
      { numRuns: 3 * RUNS },
    );
  });

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
      { numRuns: RUNS },
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
