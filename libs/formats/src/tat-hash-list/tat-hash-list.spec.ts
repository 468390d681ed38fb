import { byteSource, describeFormat, readAll } from '#libs/testing';
import type { ReadItem } from '../format.js';
import { tatHashList } from './tat-hash-list.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const entry = (id: unknown, more: object = {}): object => ({
  ...{ id, hash_digest: MD5, algorithm: 'MD5', ideology: 'islamist', deleted: false, updated_on: 1767607200.5 },
  ...more,
});

function* many(items: number): Iterable<string> {
  yield '[';
  for (let number = 0; number < items; number += 500) {
    const some = Array.from({ length: Math.min(500, items - number) }, (_one, at) => entry(number + at));
    yield `${number > 0 ? ',' : ''}${JSON.stringify(some).slice(1, -1)}`;
  }
  yield ']';
}

describeFormat(tatHashList, { many, endless: '[{"hash_digest":"' });

const read = async (...entries: unknown[]): Promise<ReadItem[]> =>
  (await readAll(tatHashList, byteSource(JSON.stringify(entries)))).items;
const version = { objectRef: 'tat-hash--7', objectModified: '2026-01-05T10:00:00.500Z' };

describe('entries of Tech Against Terrorism', () => {
  it('are terrorist content of a third party, each an object with a version', async () => {
    expect(await read(entry(7))).toEqual([
      {
        ...{ kind: 'candidate', position: 1, signals: [{ type: 'md5', value: MD5 }], ...version },
        draft: { harms: ['tvec'], origin: 'third-party-list:tech-against-terrorism' },
      },
    ]);
    expect(await read(entry('7', { updated_on: undefined }))).toMatchObject([{ objectRef: 'tat-hash--7' }]);
  });

  it('that are deleted take back what they said', async () => {
    expect(await read(entry(7, { deleted: true }))).toEqual([
      { kind: 'revocation', position: 1, ...version, ofList: 'tech-against-terrorism' },
    ]);
  });

  it.each([
    ['no digest', { hash_digest: undefined }, 'TOC_ITEM_MALFORMED'],
    ['no id', { id: undefined }, 'TOC_ITEM_MALFORMED'],
    ['an algorithm of nobody', { algorithm: 'CRC32' }, 'TOC_ITEM_TYPE'],
    ['a digest of another length', { algorithm: 'SHA256' }, 'TOC_ITEM_VALUE'],
    ['a time that is none', { updated_on: 'yesterday' }, 'TOC_ITEM_TIME'],
    ['a time of another age', { updated_on: 17 }, 'TOC_ITEM_TIME'],
    ['a word for deleted', { deleted: 'no' }, 'TOC_ITEM_MALFORMED'],
    ['something very long', { file_type: 'x'.repeat(70_000) }, 'TOC_ITEM_TOO_LONG'],
  ])('with %s are rejected by themselves', async (_name, more, code) => {
    expect(await read(entry(7, more), entry(8))).toMatchObject([
      { kind: 'rejected', position: 1, code },
      { kind: 'candidate', position: 2 },
    ]);
  });

  it.each(['[1,2]', '[{}]', '{"hash_digest":"x"}', '[{"a":1}', '[] []'])('are not read out of %s', async (document) => {
    const { batches, refused } = await readAll(tatHashList, byteSource(document));
    expect(batches).toEqual([]);
    expect(refused?.code).toMatch(/^TOC_SUBMISSION_(FORMAT|MALFORMED)$/);
  });

  it('may be none', async () => {
    expect(await read()).toEqual([]);
  });

  it('hold no media', async () => {
    expect(await read(entry(7, { preview: `data:image/png;base64,${'iVBORw0KGgo'.repeat(20)}` }))).toEqual([
      expect.objectContaining({ kind: 'forbidden', code: 'TOC_SUBMISSION_MEDIA' }),
    ]);
  });
});
