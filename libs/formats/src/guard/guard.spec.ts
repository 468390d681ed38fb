import fc from 'fast-check';
import { byteSource, describeFormat, readAll } from '#libs/testing';
import type { ReadItem } from '../format.js';
import { guardFile } from './examples.js';
import { checkGuardFile } from './guard-file.js';
import { readGuardLine, writeGuardLine, type GuardItem } from './guard-records.js';
import { guard } from './guard.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const item = (id: string, more: Partial<GuardItem> = {}): GuardItem => ({
  ...{ record: 'item', id, signals: [{ type: 'md5', value: MD5 }] },
  ...more,
});

function* many(items: number): Iterable<string> {
  yield writeGuardLine({ record: 'head', version: 1, sender: 'a', id: 'f', made_at: '2026-01-05T10:00:00Z' });
  for (let number = 0; number < items; number += 500)
    yield Array.from({ length: Math.min(500, items - number) }, (_one, at) =>
      writeGuardLine(item(`i${number + at}`)),
    ).join('');
  yield writeGuardLine({ record: 'end', records: items });
}

const endless = `${guardFile([]).split('\n')[0]}\n{"record":"item","id":"`;

describeFormat(guard, { many, endless });

const read = async (document: string): Promise<ReadItem[]> => (await readAll(guard, byteSource(document))).items;

describe('guard files', () => {
  it('carry items with ids of their sender, under the marking of the file', async () => {
    expect(await read(guardFile([item('a.1', { modified: '2026-01-05T10:00:00Z' })], { tlp: 'amber' }))).toEqual([
      {
        ...{ kind: 'candidate', position: 2, signals: [{ type: 'md5', value: MD5 }] },
        ...{
          objectRef: 'guard-item--agency.example--a.1',
          objectModified: '2026-01-05T10:00:00Z',
          draft: { marking: { tlp: 'amber' } },
        },
      },
    ]);
    expect(await checkGuardFile(byteSource(guardFile([item('a'), { record: 'retraction', id: 'b' }])))).toMatchObject({
      ...{ items: 1, retractions: 1, end: 4, head: { id: 'file-1' } },
    });
  });

  it('carry what the statement of the file limits, whoever submits it', async () => {
    const draftFor = async (statement: object): Promise<unknown> => {
      const [read1] = await read(guardFile([item('a.1')], { tlp: 'green', statement }));
      return read1?.kind === 'candidate' ? read1.draft : read1;
    };
    const said = { tlp: 'amber', releasable_to: 'FR,NO', caveats: ['no-onward'], harm: 'csea', legal_basis: 'Act 1' };
    expect(await draftFor(said)).toEqual({
      marking: { tlp: 'amber', releasableTo: ['FR', 'NO'], caveats: ['no-onward'] },
      harms: ['csea'],
    });
    expect(await draftFor({ tlp: 'clear', harm: 'tvec' })).toEqual({ marking: { tlp: 'green' } });
    for (const wrong of [
      { tlp: 'pink' },
      { releasable_to: 'France' },
      { caveats: [1] },
      { audience: 'all' },
      { harm: 'x' },
    ])
      expect((await readAll(guard, byteSource(guardFile([item('a.1')], { statement: wrong })))).refused?.code).toBe(
        'TOC_SUBMISSION_MALFORMED',
      );
  });

  it('are ASCII whatever is in them, and read back as they were', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (words) => {
        const line = writeGuardLine({
          ...{
            record: 'head',
            version: 1,
            sender: 'a',
            id: 'f',
            made_at: '2026-01-05T10:00:00Z',
            statement: { legal_basis: words },
          },
        });
        expect(line).toMatch(/^[\x20-\x7e]+\n$/);
        const back = readGuardLine(line.slice(0, -1));
        if (words.isWellFormed()) expect(back).toMatchObject({ record: { statement: { legal_basis: words } } });
      }),
    );
  });

  const lines = (document: string): string[] => document.trimEnd().split('\n');
  const [head = '', first = '', end = ''] = lines(guardFile([item('a')]));

  it.each<[string, string]>([
    ['no head', `${first}\n${end}\n`],
    ['a head of the future', `${head.replace('"version":1', '"version":2')}\n${first}\n${end}\n`],
    ['a head of nobody', `${head.replace('"sender":"agency.example",', '')}\n${first}\n${end}\n`],
    ['two heads', `${head}\n${head}\n${first}\n${end}\n`],
    ['no end', `${head}\n${first}\n`],
    ['half an end', `${head}\n${first}\n${end.slice(0, -1)}`],
    ['something behind its end', `${head}\n${first}\n${end}\n${first}\n`],
    ['a line too few', `${head}\n${end}\n`],
    ['a line too many', `${head}\n${first}\n${first}\n${end}\n`],
    ['an empty line', `${head}\n\n${first}\n${end}\n`],
    ['a field of nobody', `${head}\n${first.replace('"id"', '"note":"x","id"')}\n${end}\n`],
    ['a key twice', `${head}\n${first.replace('"id":"a"', '"id":"a","id":"b"')}\n${end}\n`],
    ['a letter beyond ASCII', `${head}\n${first.replace('"a"', '"\u00e5"')}\n${end}\n`],
    ['a tab', `${head}\n${first.replace('{', '{\t')}\n${end}\n`],
    ['a value in another spelling', `${head}\n${first.replace(MD5, MD5.toUpperCase())}\n${end}\n`],
    ['a type of nobody', `${head}\n${first.replace('md5', 'md6')}\n${end}\n`],
    ['a long line', `${head}\n${first.replace('"a"', `"${'a'.repeat(9000)}"`)}\n${end}\n`],
    ['an attachment', `${head}\n${first.replace('}]', ',"data":"iVBORw0KGgo="}]')}\n${end}\n`],
  ])('with %s are refused as a whole', async (_name, document) => {
    const { batches, refused } = await readAll(guard, byteSource(document));
    expect(batches).toEqual([]);
    expect(refused?.code).toMatch(/^TOC_SUBMISSION_(MALFORMED|ENCODING)$/);
  });
});
