import { byteSource, describeFormat, readAll, type Reading } from '#libs/testing';
import type { ReadOptions } from '../format.js';
import { csvList } from './csv-list.js';

const sha256 = (number: number): string => number.toString(16).padStart(64, '0');
const md5 = (number: number): string => number.toString(16).padStart(32, '0');

describeFormat(csvList, {
  *many(items) {
    yield 'md5,sha256,note\n';
    for (let from = 0; from < items; from += 3_000) {
      const rows = Array.from({ length: Math.min(3_000, items - from) }, (_item, index) => from + index);
      yield rows.map((row) => `${md5(row)},${sha256(row)},"a, b ${row}"\n`).join('');
    }
  },
  endless: `md5\n${md5(1)}\n"`,
});

const read = (document: string, options?: Partial<ReadOptions>): Promise<Reading> =>
  readAll(csvList, byteSource(document), options);

const outline = ({ items }: Reading): unknown[] =>
  items.map((item) => {
    if (item.kind === 'candidate') return [item.position, ...item.signals.map(({ type }) => type)];
    if (item.kind === 'ignored') return [item.position, item.what];
    return item.kind === 'rejected' ? [item.position, item.code] : item;
  });

describe('a list in columns', () => {
  it('numbers the lines after a row of several lines rightly, also when it goes on there', async () => {
    const document = `md5,note\n${md5(1)},"a\nb\n\nc"\n\n# note\n${md5(2)},\n${md5(3)},"x"`;
    const whole = await read(document, { batchSize: 1 });
    expect(outline(whole)).toEqual([
      [2, 'md5'],
      [8, 'md5'],
      [9, 'md5'],
    ]);
    const rest = await read(document, { batchSize: 1, from: whole.batches[0]?.next });
    expect(outline(rest)).toEqual([
      [8, 'md5'],
      [9, 'md5'],
    ]);
  });

  it.each([
    ['a quotation mark that is never closed', `"${md5(2)}`],
    ['text behind a closing quotation mark', `"${md5(2)}"x`],
    ['more cells than the header has', `${md5(2)},,,x`],
  ])('loses one line to %s', async (_what, line) => {
    const reading = await read(`md5,note\n${md5(1)},\n${line}\n${md5(3)},\n`);
    expect(outline(reading)).toEqual([
      [2, 'md5'],
      [3, 'TOC_ITEM_MALFORMED'],
      [4, 'md5'],
    ]);
  });

  it('takes labels of TLP into what is said of the row, and rejects markings that it does not know', async () => {
    const rows = ['TLP:AMBER,', 'white,', ',', 'violet,', 'green,NOFORN'];
    const { items } = await read(`md5,tlp,Caveats\n${rows.map((row, at) => `${md5(at)},${row}\n`).join('')}`);
    const said = items.map((item) => (item.kind === 'candidate' ? item.draft?.marking : 'code' in item && item.code));
    expect(said).toEqual([{ tlp: 'amber' }, { tlp: 'clear' }, undefined, 'TOC_ITEM_MARKING', 'TOC_ITEM_MARKING']);
  });

  it('believes the strictest of several labels', async () => {
    const { items } = await read(`md5,TLP,Share Level\n${md5(1)},green,AMBER\n`);
    expect(items).toEqual([expect.objectContaining({ draft: { marking: { tlp: 'amber' } } })]);
  });

  it('reads an export of MISP: tags, distribution and to_ids of attribute and event', async () => {
    const header = 'uuid,category,type,value,comment,to_ids,date,attribute_tag,event_info,event_distribution,event_tag';
    const row = (at: number, toIds: string, tag: string, distribution = '3', eventTag = '', comment = ''): string =>
      `u,Payload,md5,${md5(at)},${comment},${toIds},20260105,${tag},x,${distribution},${eventTag}`;
    const rows = [
      row(1, '1', 'tlp:green'),
      row(2, '1', '"type:OSINT,tlp:amber"', '3', 'tlp:green'),
      row(3, '0', 'tlp:green'),
      row(4, '1', 'tlp:ex:chr'),
      row(5, '1', '', '0'),
      row(6, '1', '', 'All communities', 'PAP:RED'),
      row(7, '1', '', '3', '', 'keep TLP:AMBER+STRICT'),
    ];
    const { items } = await read([header, ...rows].join('\n'));
    const said = items.map((item) => {
      if (item.kind === 'candidate') return item.draft?.marking?.tlp;
      return item.kind === 'ignored' ? item.what : 'code' in item && item.code;
    });
    const refused = 'TOC_ITEM_MARKING';
    expect(said).toEqual(['green', 'amber', 'not-for-detection', refused, refused, refused, 'amber+strict']);
  });

  it('loses one line to a quotation mark that stays open beyond the bound', async () => {
    const rows = Array.from({ length: 3_000 }, (_row, index) => `${md5(index)},x`);
    const reading = await read(['md5,note', `${md5(1)},"open`, ...rows].join('\n'));
    expect(reading.items).toHaveLength(3_001);
    expect(reading.items.filter(({ kind }) => kind === 'rejected')).toEqual([
      expect.objectContaining({ position: 2, code: 'TOC_ITEM_MALFORMED' }),
    ]);
  });

  it('takes empty cells past the header, and rows that are short', async () => {
    expect(outline(await read(`name,md5\na,${md5(1)},,\nb\n`))).toEqual([
      [2, 'md5'],
      [3, 'no-value'],
    ]);
  });

  it('rejects a row of which one value is wrong, naming the column', async () => {
    const { items } = await read(`MD5,SHA-256\n${md5(1)},${md5(2)}\n`);
    expect(items).toEqual([expect.objectContaining({ code: 'TOC_ITEM_VALUE' })]);
    expect(items[0]?.kind === 'rejected' && items[0].detail).toMatch(/^SHA-256: sha256:/);
  });

  it('lets the type column speak of the first bare value column', async () => {
    const reading = await read(
      `sha256,type,value\n${sha256(1)},IP:PORT,192.0.2.1:80\n${sha256(2)},Domain,a.example\n,Hash,${md5(1)}\n`,
    );
    expect(outline(reading)).toEqual([
      [2, 'sha256'],
      [3, 'sha256', 'domain'],
      [4, 'md5'],
    ]);
  });

  it('asserts nothing that the row says is deleted', async () => {
    expect(outline(await read(`md5,deleted\n${md5(1)},true\n${md5(2)},false\n${md5(3)},\n`))).toEqual([
      [2, 'deleted'],
      [3, 'md5'],
      [4, 'md5'],
    ]);
  });

  it('takes the delimiter from the parameter, or from a line sep=', async () => {
    expect(outline(await read(`a:md5\nx:${md5(1)}\n`, { delimiter: ':' }))).toEqual([[2, 'md5']]);
    expect(outline(await read(`sep=:\r\na:md5\r\nx:${md5(1)}\r\n`))).toEqual([[3, 'md5']]);
  });

  it('lets named columns win, and checks the quality of a perceptual hash only', async () => {
    const columns = { value: 'what', type: 'kind', quality: 'how good' };
    const reading = await read(
      `md5,what,kind,how good\n${md5(9)},${sha256(1)},pdq,51\n,${sha256(2)},sha256,fine\n,${sha256(3)},pdq,fine\n`,
      { columns },
    );
    expect(reading.items).toEqual([
      { kind: 'candidate', position: 2, signals: [{ type: 'pdq', value: sha256(1), quality: 51 }] },
      { kind: 'candidate', position: 3, signals: [{ type: 'sha256', value: sha256(2) }] },
      expect.objectContaining({ position: 4, code: 'TOC_ITEM_VALUE' }),
    ]);
  });

  it('refuses a file in which no column is known, or not the one that is named', async () => {
    expect((await read('when,what\n1,2\n')).refused?.code).toBe('TOC_SUBMISSION_FORMAT');
    expect((await read(`md5\n${md5(1)}\n`, { columns: { value: 'what' } })).refused?.code).toBe(
      'TOC_REQUEST_PARAMETER',
    );
  });

  it('reads one column without a header by shape', async () => {
    expect(outline(await read(`${md5(1)}\n${sha256(1)}\n`))).toEqual([
      [1, 'md5'],
      [2, 'sha256'],
    ]);
  });
});
