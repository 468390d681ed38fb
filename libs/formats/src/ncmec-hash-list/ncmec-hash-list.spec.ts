import { randomBytes } from 'node:crypto';
import { byteSource, describeFormat, readAll } from '#libs/testing';
import type { ReadItem } from '../format.js';
import { pageOf } from './examples.js';
import { ncmecHashList } from './ncmec-hash-list.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';

function entry(id: string, more: string, name = 'image'): string {
  return `<${name}><member id="7">A</member><timestamp>2026-01-05T10:00:00Z</timestamp><id>${id}</id>${more}</${name}>`;
}

const withPrints = (prints: string, more = ''): string => entry('1', `${more}<fingerprints>${prints}</fingerprints>`);

function* many(items: number): Iterable<string> {
  const [head = '', foot = ''] = pageOf('\u0000').split('\u0000');
  yield head;
  for (let number = 0; number < items; number += 500) {
    yield Array.from({ length: Math.min(500, items - number) }, (_one, at) =>
      entry(
        `${number + at}`,
        `<fingerprints><md5>${(number + at).toString(16).padStart(32, 'c5')}</md5></fingerprints>`,
      ),
    ).join('');
  }
  yield foot;
}

const endless = `${pageOf('\u0000').split('\u0000')[0]}${entry('1', '').slice(0, -8)}`;

describeFormat(ncmecHashList, { many, endless });

const read = async (images: string): Promise<ReadItem[]> =>
  (await readAll(ncmecHashList, byteSource(pageOf(images)))).items;

describe('entries of NCMEC', () => {
  it('may be none', async () => {
    expect(await read('')).toEqual([]);
  });

  it('are CSEA of a third party, with the class that the list gives', async () => {
    expect(await read(withPrints(`<md5>${MD5}</md5>`, '<classification>B2</classification>'))).toEqual([
      {
        ...{ kind: 'candidate', position: 1, objectRef: 'ncmec-entry--7--1', signals: [{ type: 'md5', value: MD5 }] },
        draft: { harms: ['csea'], origin: 'third-party-list:ncmec', cseaClass: 'B2' },
      },
    ]);
    expect((await read(withPrints(`<md5>${MD5}</md5>`)))[0]).toMatchObject({
      draft: { harms: ['csea'], origin: 'third-party-list:ncmec' },
    });
  });

  it('carry every kind of fingerprint that is in the list itself', async () => {
    const pdna = randomBytes(144).toString('base64');
    const opaque = 'abcdef0123456789';
    const prints = `<pdna>${pdna}</pdna><netclean>${opaque}</netclean><videntifier>${opaque}</videntifier><ssvh-pdna>${opaque}</ssvh-pdna><tmk-pdqf href="/x"/><strange>1</strange>`;
    const [first, ...others] = await read(withPrints(prints));
    expect(first).toMatchObject({
      signals: [
        { type: 'photodna', value: pdna },
        { type: 'netclean', value: opaque },
        { type: 'videntifier', value: opaque },
        { type: 'ssvh-pdna', value: opaque },
      ],
    });
    expect(others).toEqual([
      { kind: 'ignored', position: 2, what: 'fingerprint-elsewhere' },
      { kind: 'ignored', position: 3, what: 'other-fingerprint' },
    ]);
  });

  it('lose a fingerprint that is none, and keep the others', async () => {
    const items = await read(withPrints(`<md5>${MD5}</md5><sha1>abc</sha1><pdna>a1a1a1...</pdna>`));
    expect(items).toMatchObject([
      { kind: 'candidate', position: 1, signals: [{ type: 'md5' }] },
      { kind: 'rejected', position: 2, code: 'TOC_ITEM_VALUE' },
      { kind: 'rejected', position: 3, code: 'TOC_ITEM_VALUE' },
    ]);
    expect(items[1]).not.toHaveProperty('objectRef');
  });

  it.each([
    ['no fingerprint', entry('1', '')],
    ['only fingerprints that are none', withPrints('<md5>abc</md5><strange>1</strange>')],
    ['a class of nobody', withPrints(`<md5>${MD5}</md5>`, '<classification>C9</classification>')],
    ['no time', `<image><member id="7">A</member><id>1</id></image>`],
  ])('say nothing more when a version of them has %s', async (_name, images) => {
    const items = await read(images);
    expect(items.map(({ kind }) => kind)).not.toContain('candidate');
    for (const item of items) expect(item).toMatchObject({ objectRef: 'ncmec-entry--7--1', ofList: 'ncmec' });
  });

  it('are taken back by their tombstones, in the order of the pages', async () => {
    const deleted = entry('1', '', 'deletedImage');
    expect(await read(withPrints(`<md5>${MD5}</md5>`) + deleted)).toMatchObject([
      { kind: 'candidate', objectRef: 'ncmec-entry--7--1' },
      { kind: 'revocation', position: 2, objectRef: 'ncmec-entry--7--1' },
    ]);
  });

  it.each([
    [
      'no id',
      `<image><member id="7">A</member><timestamp>2026-01-05T10:00:00Z</timestamp></image>`,
      'TOC_ITEM_MALFORMED',
    ],
    ['no member', `<image><timestamp>2026-01-05T10:00:00Z</timestamp><id>1</id></image>`, 'TOC_ITEM_MALFORMED'],
    ['no time', `<image><member id="7">A</member><id>1</id></image>`, 'TOC_ITEM_TIME'],
    ['a class of nobody', withPrints('', '<classification>C9</classification>'), 'TOC_ITEM_VOCABULARY'],
    ['more than its bound', withPrints(`<md5>${'a'.repeat(1_100_000)}</md5>`), 'TOC_ITEM_TOO_LONG'],
    ['too many fingerprints', withPrints('<md5/>'.repeat(10_001)), 'TOC_ITEM_TOO_LONG'],
  ])('with %s are rejected by themselves', async (_name, images, code) => {
    const items = await read(images + entry('2', `<fingerprints><md5>${MD5}</md5></fingerprints>`));
    expect(items[0]).toMatchObject({ kind: 'rejected', position: 1, code });
    expect(items.at(-1)).toMatchObject({ kind: 'candidate' });
  });

  it.each([
    ['a document type', `<!DOCTYPE x [<!ENTITY a "b">]>${pageOf('')}`.replace(/<\?xml.*?\?>/s, '')],
    ['an entity of its own', pageOf(withPrints('<md5>&a;</md5>'))],
    ['nesting', pageOf('<a>'.repeat(100) + '</a>'.repeat(100))],
    ['another root', '<feedbackSubmission xmlns="https://hashsharing.ncmec.org/hashsharing/v2"/>'],
    ['another namespace', pageOf('').replace('/v2"', '/v3"')],
  ])('are not read out of a document with %s', async (_name, document) => {
    const { batches, refused } = await readAll(ncmecHashList, byteSource(document));
    expect(batches).toEqual([]);
    expect(refused?.code).toMatch(/^TOC_SUBMISSION_(MALFORMED|NESTING|FORMAT)$/);
  });
});
