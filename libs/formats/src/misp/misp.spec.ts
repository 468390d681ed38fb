import { byteSource, describeFormat, readAll } from '#libs/testing';
import type { ReadItem } from '../format.js';
import { misp } from './misp.js';

const uuid = (number: number): string => `5b8d9d33-ccf0-4fd9-82dc-${String(number).padStart(12, '0')}`;
const hash = (number: number): string => number.toString(16).padStart(32, '0').replaceAll('00', 'c5');

function attribute(number: number, more: object = {}): object {
  return { uuid: uuid(number), type: 'md5', to_ids: true, timestamp: '1767607200', value: hash(number), ...more };
}

function event(attributes: readonly unknown[], more: object = {}): object {
  return { Event: { info: 'x', Orgc: {}, Attribute: attributes, ...more } };
}

function* many(items: number): Iterable<string> {
  yield '{"response":[';
  for (let number = 0; number < items; number += 500) {
    const some = Array.from({ length: Math.min(500, items - number) }, (_one, at) => attribute(number + at));
    yield `${number > 0 ? ',' : ''}${JSON.stringify(event(some))}`;
  }
  yield ']}';
}

describeFormat(misp, { many, endless: '{"response":[{"Event":{"info":"' });

const read = async (document: unknown): Promise<ReadItem[]> =>
  (await readAll(misp, byteSource(JSON.stringify(document)))).items;
const one = async (more: object, around: object = {}): Promise<ReadItem | undefined> =>
  (await read(event([attribute(1, more)], around)))[0];
const tag = (name: string): object => ({ name });
const version = { objectRef: `misp-attribute--${uuid(1)}`, objectModified: '2026-01-05T10:00:00.000Z' };

describe('MISP events', () => {
  it('name the attribute and its version', async () => {
    expect(await one({})).toMatchObject({ kind: 'candidate', ...version });
    expect(await one({ uuid: uuid(1).toUpperCase(), timestamp: 1767607200 })).toMatchObject(version);
  });

  it.each([
    [{ deleted: true }, {}, { kind: 'revocation', ...version }],
    [{}, { Attribute: [], Object: [{ deleted: '1', Attribute: [attribute(1)] }] }, { kind: 'revocation', ...version }],
    [{ to_ids: false }, {}, { kind: 'ignored', what: 'not-for-detection', ...version }],
    [{ to_ids: undefined }, {}, { kind: 'ignored', what: 'not-for-detection', ...version }],
    [{ type: 'ip-src' }, {}, { kind: 'ignored', what: 'ip-src', ...version }],
    [{ type: 'made-up' }, {}, { kind: 'ignored', what: 'other-attribute', ...version }],
    [{ value: 'no hash' }, {}, { kind: 'rejected', code: 'TOC_ITEM_VALUE', ...version }],
    [{ value: 7 }, {}, { kind: 'rejected', code: 'TOC_ITEM_MALFORMED', ...version }],
    [{ uuid: 'x' }, {}, { kind: 'rejected', code: 'TOC_ITEM_MALFORMED' }],
  ])('read %j in %j', async (more, around, expected) => expect(await one(more, around)).toMatchObject(expected));

  it.each([
    [{ Tag: [tag('tlp:amber')] }, { Tag: [tag('tlp:green')] }, 'amber'],
    [{}, { Tag: [tag('tlp:clear'), tag('type:OSINT')] }, 'clear'],
    [{}, {}, undefined],
    [{ distribution: '5' }, { distribution: '3' }, undefined],
  ])('keep the strictest label: %j in %j', async (more, around, tlp) => {
    const item = await one(more, around);
    expect(item?.kind === 'candidate' && item.draft?.marking?.tlp).toBe(tlp);
  });

  it.each([
    [{ Tag: [tag('PAP:RED')] }, {}],
    [{}, { Tag: [tag('tlp:ex:chr')] }],
    [{}, { Tag: [tag('nato:classification="NS"')] }],
    [{ distribution: '0' }, { distribution: '3' }],
    [{ distribution: '5' }, { distribution: '1' }],
    [{}, { distribution: 4, sharing_group_id: '7' }],
  ])('reject what a platform may not have: %j in %j', async (more, around) => {
    expect(await one(more, around)).toMatchObject({ kind: 'rejected', code: 'TOC_ITEM_MARKING', ...version });
  });

  it.each([
    [{}, { Tag: [tag('dark-web:topic="extremism"')] }, ['tvec']],
    [
      { Tag: [tag('tocsin:harm="tvec/recruitment"')] },
      { Tag: [tag('dark-web:topic="extremism"')] },
      ['tvec', 'tvec/recruitment'],
    ],
    [{}, { Tag: [tag('dark-web:topic="child-sexual-abuse-material"')] }, ['csea']],
    [{}, { Galaxy: [{ GalaxyCluster: [{ tag_name: 'misp-galaxy:terrorist-groups="A group"' }] }] }, ['tvec']],
    [{}, { Tag: [tag('tocsin:harm="nothing known"'), tag('dark-web:topic="drugs-narcotics"')] }, undefined],
  ])('take harms from tags and galaxies: %j in %j', async (more, around, harms) => {
    const item = await one(more, around);
    expect(item?.kind === 'candidate' && item.draft?.harms).toEqual(harms);
  });

  it('end when somebody says that they have expired', async () => {
    const sighting = (type: unknown, date: unknown): object => ({ type, date_sighting: date });
    const until = async (...sightings: object[]): Promise<unknown> => {
      const item = await one({ Sighting: sightings });
      return item?.kind === 'candidate' && item.draft?.validUntil;
    };
    expect(await until(sighting('2', '1767607300'), sighting(2, 1767607200))).toBe('2026-01-05T10:00:00.000Z');
    expect(
      await until(sighting('0', '1767607200'), sighting('1', '1767607200'), sighting('2', 'soon')),
    ).toBeUndefined();
  });

  it('are refused as a whole for a file in an attribute, before anything is read', async () => {
    const items = await read(event([attribute(1), attribute(2, { type: 'attachment', data: 'aGVsbG8=' })]));
    expect(items).toEqual([expect.objectContaining({ kind: 'forbidden', code: 'TOC_SUBMISSION_MEDIA' })]);
  });

  it.each([
    ['a manifest', { [uuid(1)]: { Orgc: { name: 'x' }, info: 'x', timestamp: '1' } }],
    ['a search result', [{ id: '1', info: 'x' }]],
    ['attributes alone', { Attribute: [attribute(1)] }],
  ])('are told from %s', async (_name, document) => {
    const { refused } = await readAll(misp, byteSource(JSON.stringify(document)));
    expect(refused?.code).toBe('TOC_SUBMISSION_FORMAT');
  });

  it('cost themselves only when one of them is broken', async () => {
    const twice = '{"Event":{"info":"x","info":"y","Attribute":[]}}';
    const document = `{"response":[${JSON.stringify(event([attribute(1)]))},${twice},{},${JSON.stringify(event([attribute(2)]))}]}`;
    const { items } = await readAll(misp, byteSource(document));
    expect(items.map((item) => ('code' in item ? item.code : item.kind))).toEqual([
      ...['candidate', 'TOC_ITEM_DUPLICATE_KEY', 'TOC_ITEM_MALFORMED', 'candidate'],
    ]);
  });
});
