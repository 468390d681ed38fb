import { makeXlsx, relations } from '../../test/make-office.js';
import { makeZip } from '../../test/make-zip.js';
import { HASH, PICTURE, opened, refusal } from '../../test/opened-in-test.js';

describe('a spreadsheet', () => {
  it('gives each sheet as a table, a row a line', async () => {
    const { documents } = await opened(
      makeXlsx({
        hashes: [['sha256', 'note'], [HASH, 'a, "b"'], [], ['', 'alone']],
        words: [
          ['Wer weiß', 'was'],
          ['see hxxps://a[.]example/1', 'x'],
        ],
        empty: [],
      }),
    );
    expect(documents).toEqual([
      ['hashes', 'csv-list', `sha256,note\n${HASH},"a, ""b"""\n\n,alone\n`],
      ['words', 'text', '| Wer weiß | was |\n| see hxxps://a[.]example/1 | x |\n'],
    ]);
  });

  it('is read by the columns that were named', async () => {
    const table = makeXlsx({
      one: [
        ['x', 'y'],
        ['https://a.example/1', '2'],
      ],
    });
    expect((await opened(table, { hasColumns: true })).documents[0]?.[1]).toBe('csv-list');
  });

  it('loses its pictures, macros and links to other files, and its properties are only looked at', async () => {
    const { dropped, aside, documents } = await opened(
      makeXlsx({ one: [['url'], ['https://a.example/1']] }, [
        { name: 'xl/media/image1.png', bytes: PICTURE },
        { name: 'xl/vbaProject.bin', bytes: 'x' },
        { name: 'xl/externalLinks/externalLink1.xml', bytes: '<a/>' },
        { name: 'xl/embeddings/oleObject1.bin', bytes: 'x' },
        { name: 'xl/styles.xml', bytes: '<a/>' },
        { name: 'docProps/custom.xml', bytes: '<p><property name="Classification"><v>SECRET</v></property></p>' },
      ]),
    );
    expect(dropped.map(([, kind]) => kind)).toEqual(['media', 'macro', 'embedded-object', 'embedded-object']);
    expect(aside).toBe('Classification: SECRET');
    expect(documents).toHaveLength(1);
  });

  it.each([
    [
      'billion laughs',
      '<!DOCTYPE lolz [<!ENTITY a "lol"><!ENTITY b "&a;&a;">]><sst><si><t>&b;</t></si></sst>',
      'doctype',
    ],
    [
      'an entity from outside',
      '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst><si><t>&x;</t></si></sst>',
      'doctype',
    ],
    ['an entity that nobody declared', '<sst><si><t>&x;</t></si></sst>', 'broken'],
    ['elements a million deep', `<sst>${'<a>'.repeat(1_000_000)}`, 'nesting'],
    ['half of it missing', '<sst><si><t>a', 'broken'],
  ])('with %s is refused', async (_name, strings, why) => {
    const table = makeXlsx({ one: [['url']] }, [{ name: 'xl/sharedStrings.xml', bytes: strings }]);
    const first = makeZip([
      { name: '[Content_Types].xml', bytes: 'x' },
      { name: 'xl/workbook.xml', bytes: '<workbook/>' },
      { name: 'xl/sharedStrings.xml', bytes: strings },
    ]);
    expect(await refusal(first)).toEqual(['TOC_SUBMISSION_CONTAINER', why]);
    expect(table.length).toBeGreaterThan(0);
  });

  it('in which many cells repeat one long text is refused', async () => {
    const long = 'x'.repeat(1_000_000);
    const cells = '<c t="s"><v>0</v></c>'.repeat(200);
    const table = makeZip([
      { name: '[Content_Types].xml', bytes: 'x' },
      { name: 'xl/workbook.xml', bytes: '<workbook><sheets><sheet name="a" r:id="s"/></sheets></workbook>' },
      { name: 'xl/_rels/workbook.xml.rels', bytes: relations({ id: 's', type: 'worksheet', target: 's.xml' }) },
      { name: 'xl/sharedStrings.xml', bytes: `<sst><si><t>${long}</t></si></sst>` },
      { name: 'xl/s.xml', bytes: `<worksheet><sheetData><row r="1">${cells}</row></sheetData></worksheet>` },
    ]);
    expect((await refusal(table))[0]).toBe('TOC_SUBMISSION_TOO_LARGE');
  });
});
