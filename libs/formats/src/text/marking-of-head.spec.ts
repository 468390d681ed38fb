import { byteSource, readAll } from '#libs/testing';
import { csvList } from '../csv-list/csv-list.js';
import { valueList } from '../value-list/value-list.js';
import { markingOfHead } from './marking-of-head.js';

const sha256 = (number: number): string => number.toString(16).padStart(64, '0');
const of = (text: string): unknown => markingOfHead(Buffer.from(text));
const marked = (tlp: string): object => ({ draft: { marking: { tlp } } });

describe('the head of a list', () => {
  it.each([
    ['# TLP:AMBER\n', 'amber'],
    ['\ufeff## TLP: Amber + Strict ##\r\n', 'amber+strict'],
    ['#TLP:AMBER_STRICT\n', 'amber+strict'],
    ['\n# autumn list\n# Handling: TLP:GREEN.\n', 'green'],
    ['# TLP:WHITE (see below)\n', 'clear'],
    ['# TLP:GREEN\n# now TLP:AMBER\n# TLP:CLEAR', 'amber'],
  ])('says in %j that all is TLP:%s', (text, tlp) => {
    expect(of(`${text}\n${sha256(1)}\n`)).toEqual(marked(tlp));
  });

  it.each(['# TLP:VIOLET\n', '# TLP:GREEN\n# TLP:AMBERISH\n'])('says in %j what nobody knows', (text) => {
    expect(of(text)).toBe('unknown');
  });

  it.each(['', '# of TLP:RED nothing is here, they say\n', `${sha256(1)}\n# TLP:RED\n`, 'a,b\n'])(
    'says nothing in %j',
    (text) => {
      expect(of(text)).toEqual({});
    },
  );

  it.each([valueList, csvList])(
    'speaks for every item of $id, however it arrives and wherever reading goes on',
    async (format) => {
      const document = `# TLP:AMBER\n${format === csvList ? 'sha256,tlp\n' : ''}${sha256(1)}\n${sha256(2)}\n`;
      for (const cuts of [[], [3, 7], [20]]) {
        const { items, batches } = await readAll(format, byteSource(document, cuts), { batchSize: 1 });
        expect(items).toEqual([expect.objectContaining(marked('amber')), expect.objectContaining(marked('amber'))]);
        const rest = await readAll(format, byteSource(document, cuts), { from: batches[0]?.next });
        expect(rest.items).toEqual([items[1]]);
      }
    },
  );

  it('is joined with what a row says, the stricter of both', async () => {
    const document = `# TLP:AMBER\nsha256,tlp\n${sha256(1)},green\n${sha256(2)},amber+strict\n`;
    const { items } = await readAll(csvList, byteSource(document));
    expect(items.map((item) => item.kind === 'candidate' && item.draft?.marking?.tlp)).toEqual([
      'amber',
      'amber+strict',
    ]);
  });

  it('that says what nobody knows leaves nobody anything', async () => {
    const { items } = await readAll(valueList, byteSource(`# TLP:VIOLET\n${sha256(1)}\n`));
    expect(items).toEqual([expect.objectContaining({ kind: 'rejected', code: 'TOC_ITEM_MARKING', position: 2 })]);
  });
});
