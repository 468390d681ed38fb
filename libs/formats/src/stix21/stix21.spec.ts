import { describeFormat, byteSource, readAll, type Reading } from '#libs/testing';
import type { ReadItem } from '../format.js';
import { EXTENSION_ID } from './extension.js';
import { stix21 } from './stix21.js';

const MADE = '2026-01-05T10:00:00.000Z';
const uuid = (number: number): string => `00000000-0000-4000-8000-${number.toString(16).padStart(12, '0')}`;
const sha256 = (number: number): string => number.toString(16).padStart(64, '0');
const GREEN2 = 'marking-definition--bab4a63c-aed9-4cf5-a766-dfca5abac2bb';

type Properties = Record<string, unknown>;

const sdo = (type: string, number: number, more: Properties = {}): Properties => ({
  type,
  spec_version: '2.1',
  id: `${type}--${uuid(number)}`,
  created: MADE,
  modified: MADE,
  ...more,
});
const indicator = (number: number, more: Properties = {}): Properties =>
  sdo('indicator', number, {
    pattern: `[file:hashes.'SHA-256' = '${sha256(number)}']`,
    pattern_type: 'stix',
    valid_from: MADE,
    ...more,
  });
const extension = (fields: Properties): Properties => ({
  extensions: { [EXTENSION_ID]: { extension_type: 'property-extension', ...fields } },
});
const bundle = (objects: readonly unknown[]): string =>
  JSON.stringify({ type: 'bundle', id: `bundle--${uuid(0)}`, objects });
const read = (objects: readonly unknown[]): Promise<Reading> => readAll(stix21, byteSource(bundle(objects)));
const one = async (object: unknown): Promise<ReadItem | undefined> => (await read([object])).items[0];

describeFormat(stix21, {
  *many(items) {
    yield `{"type":"bundle","id":"bundle--${uuid(0)}","objects":[`;
    for (let from = 0; from < items; from += 2_000) {
      const objects = Array.from({ length: Math.min(2_000, items - from) }, (_item, index) => indicator(from + index));
      yield (from === 0 ? '' : ',') + JSON.stringify(objects).slice(1, -1);
    }
    yield ']}';
  },
  endless: `{"type":"bundle","objects":[${JSON.stringify(indicator(1))},{"type":"note","content":"`,
});

describe('STIX 2.1', () => {
  it('says of an indicator what the standard lets it say, and none of its words', async () => {
    const item = await one(
      indicator(7, {
        name: 'A name',
        description: 'Words',
        labels: ['label'],
        external_references: [{ source_name: 'Source' }],
        confidence: 70,
        valid_from: '2026-01-05T10:00:00Z',
        valid_until: '2026-02-05T10:00:00.5Z',
        object_marking_refs: [GREEN2],
      }),
    );
    expect(item).toEqual({
      kind: 'candidate',
      position: 1,
      signals: [{ type: 'sha256', value: sha256(7) }],
      objectRef: `indicator--${uuid(7)}`,
      objectModified: MADE,
      draft: {
        confidence: 70,
        validFrom: MADE,
        validUntil: '2026-02-05T10:00:00.500Z',
        marking: { tlp: 'green' },
      },
    });
  });

  it('takes an indicator that is revoked as a revocation, whatever its pattern', async () => {
    expect(await one(indicator(7, { revoked: true, pattern: 'broken', pattern_type: 'snort' }))).toEqual({
      kind: 'revocation',
      position: 1,
      objectRef: `indicator--${uuid(7)}`,
      objectModified: MADE,
    });
  });

  it.each([
    ['pattern-snort', indicator(1, { pattern_type: 'snort', pattern: 'alert' })],
    ['pattern-other', indicator(1, { pattern_type: 'x-own' })],
    ['indicator-benign', indicator(1, { indicator_types: ['benign'] })],
    ['relationship', sdo('relationship', 1)],
    ['custom-object', sdo('x-anything-at-all', 1)],
    ['ipv4-addr', { type: 'ipv4-addr', id: `ipv4-addr--${uuid(1)}`, value: '192.0.2.1' }],
    ['file', { type: 'file', id: `file--${uuid(1)}`, name: 'a.txt', hashes: { SSDEEP: '3:a:b' } }],
  ])('ignores by kind: %s', async (what, object) => {
    expect(await one(object)).toMatchObject({ kind: 'ignored', position: 1, what });
  });

  it.each([
    ['ignored', { pattern_type: 'snort' }, {}],
    ['ignored', { indicator_types: ['benign'] }, { harmless: true }],
    ['rejected', { pattern: '[nothing' }, { code: 'TOC_ITEM_PATTERN' }],
    ['rejected', { valid_from: 'yesterday' }, { code: 'TOC_ITEM_TIME' }],
  ])('names the version of an indicator that says nothing usable: %s, %j', async (kind, more, said) => {
    const object = indicator(1, more);
    expect(await one(object)).toMatchObject({
      kind,
      objectRef: object.id,
      objectModified: '2026-01-05T10:00:00.000Z',
      ...said,
    });
  });

  it('names no version that cannot be read', async () => {
    const item = await one(indicator(1, { modified: 'yesterday' }));
    expect(item).toMatchObject({ kind: 'rejected', code: 'TOC_ITEM_TIME' });
    expect(item).not.toHaveProperty('objectRef');
  });

  it.each([
    ['a pattern that is none', indicator(1, { pattern: '[file:name' }), 'TOC_ITEM_PATTERN'],
    ['no pattern type', indicator(1, { pattern_type: undefined }), 'TOC_ITEM_MALFORMED'],
    ['an id without a UUID', indicator(1, { id: 'indicator--1' }), 'TOC_ITEM_MALFORMED'],
    ['an id of another type', indicator(1, { id: `malware--${uuid(1)}` }), 'TOC_ITEM_MALFORMED'],
    ['another specification version', indicator(1, { spec_version: '3.0' }), 'TOC_ITEM_MALFORMED'],
    ['confidence beyond its scale', indicator(1, { confidence: 101 }), 'TOC_ITEM_MALFORMED'],
    ['a revoked that is a word', indicator(1, { revoked: 'yes' }), 'TOC_ITEM_MALFORMED'],
    ['no creation time', indicator(1, { created: undefined }), 'TOC_ITEM_TIME'],
    ['a clock of 1970', indicator(1, { created: '1970-01-01T00:00:00Z' }), 'TOC_ITEM_TIME'],
    ['a clock of 2200', indicator(1, { modified: '2200-01-01T00:00:00Z' }), 'TOC_ITEM_TIME'],
    ['a version before its creation', indicator(1, { modified: '2026-01-05T09:59:59Z' }), 'TOC_ITEM_TIME'],
    ['a time with an offset', indicator(1, { valid_from: '2026-01-05T10:00:00+01:00' }), 'TOC_ITEM_TIME'],
    ['February 30th', indicator(1, { valid_from: '2026-02-30T10:00:00Z' }), 'TOC_ITEM_TIME'],
    ['an end at its beginning', indicator(1, { valid_until: MADE }), 'TOC_ITEM_TIME'],
    [
      'an observable that is revoked',
      { type: 'url', id: `url--${uuid(1)}`, value: 'https://a.example/', revoked: true },
      'TOC_ITEM_MALFORMED',
    ],
    ['a URL that is none', { type: 'url', id: `url--${uuid(1)}`, value: 'a b' }, 'TOC_ITEM_VALUE'],
    ['a hash of another length', { type: 'file', id: `file--${uuid(1)}`, hashes: { MD5: 'ab' } }, 'TOC_ITEM_VALUE'],
    ['a number', 7, 'TOC_ITEM_MALFORMED'],
    ['a list', [indicator(1)], 'TOC_ITEM_MALFORMED'],
  ])('rejects an object with %s, and only it', async (_what, object, code) => {
    const { items } = await read([object, indicator(2)]);
    expect(items).toEqual([
      expect.objectContaining({ kind: 'rejected', position: 1, code }),
      expect.objectContaining({ kind: 'candidate', position: 2 }),
    ]);
  });

  it('rejects objects that only their text shows to be wrong, and only them', async () => {
    const document = `{"type":"bundle","id":"bundle--${uuid(0)}","objects":[
      {"type":"indicator",},
      {"type":"note","id":"a","id":"b"},
      {"type":"note","content":"${'x'.repeat(1024 * 1024)}"},
      ${JSON.stringify(indicator(4))}]}`;
    const { items } = await readAll(stix21, byteSource(document));
    expect(items.map((item) => ('code' in item ? item.code : item.kind))).toEqual([
      'TOC_ITEM_MALFORMED',
      'TOC_ITEM_DUPLICATE_KEY',
      'TOC_ITEM_TOO_LONG',
      'candidate',
    ]);
  });

  it('knows the hashes of a file in every usual spelling, PDQ with its quality', async () => {
    const item = await one({
      type: 'file',
      id: `file--${uuid(1)}`,
      hashes: { SHA1: 'a'.repeat(40), 'sha-256': sha256(1), x_pdq: sha256(2), 'SHA3-256': sha256(3) },
      ...extension({ pdq_quality: 90, confidence: 20, valid_until: '2026-03-01T00:00:00Z' }),
    });
    expect(item).toEqual({
      kind: 'candidate',
      position: 1,
      signals: [
        { type: 'sha1', value: 'a'.repeat(40) },
        { type: 'sha256', value: sha256(1) },
        { type: 'pdq', value: sha256(2), quality: 90 },
      ],
      draft: { confidence: 20, validUntil: '2026-03-01T00:00:00.000Z' },
    });
  });

  it.each([
    ['a payload', { type: 'artifact', id: `artifact--${uuid(2)}`, payload_bin: 'AAAA' }],
    ['a data URI', sdo('note', 2, { content: 'see <img src=data:image/png;base64,AAAA>' })],
    ['a data URI in escapes', sdo('note', 2, { content: 'DaTa:image/png,AAAA' })],
    ['a data URI in a report', sdo('report', 2, { object_refs: [], name: 'data:;base64,AAAA' })],
  ])('finds %s before anything is read', async (_what, object) => {
    const document = bundle([indicator(1), object]).replace('DaTa', '\\u0044aTa');
    const { items, batches } = await readAll(stix21, byteSource(document), { batchSize: 1 });
    expect(items).toEqual([expect.objectContaining({ kind: 'forbidden', position: 2, code: 'TOC_SUBMISSION_MEDIA' })]);
    const rest = await readAll(stix21, byteSource(document), { batchSize: 1, from: batches[0]?.next });
    expect(rest.items).toEqual([]);
  });

  it('finds media in an object that is too long to be held, and beside the objects', async () => {
    const long = bundle([
      indicator(1),
      sdo('note', 2, { content: `${'x'.repeat(9_000_000)} data:image/png;base64,AA` }),
    ]);
    expect((await readAll(stix21, byteSource(long, [5_000_000]))).items).toEqual([
      expect.objectContaining({ kind: 'forbidden', position: 2 }),
    ]);
    const beside = `{"type":"bundle","x":"data:image/png;base64,AA","objects":[${JSON.stringify(indicator(1))}]}`;
    expect((await readAll(stix21, byteSource(beside))).items).toEqual([
      expect.objectContaining({ kind: 'forbidden', position: 0 }),
    ]);
  });

  it('does not take talk about data for data', async () => {
    const { items } = await read([sdo('note', 1, { content: 'metadata:image/png, data: none, Daten:x/y,' })]);
    expect(items).toEqual([{ kind: 'ignored', position: 1, what: 'note' }]);
  });

  it.each([
    [
      'a bundle of the future',
      `{"type":"bundle","objects":[],"spec_version":"2.2"}`,
      'TOC_SUBMISSION_FORMAT',
      /2\.1 and 2\.0 are/,
    ],
    ['a bare list', '[]', 'TOC_SUBMISSION_FORMAT', /bare list/],
    ['an envelope', '{"objects":[]}', 'TOC_SUBMISSION_FORMAT', /type has to be bundle/],
    ['objects that are no list', '{"type":"bundle","objects":{}}', 'TOC_SUBMISSION_FORMAT', /list/],
    ['no STIX', '{"Event":{}}', 'TOC_SUBMISSION_FORMAT', /neither/],
    ['objects twice', '{"type":"bundle","objects":[],"objects":[]}', 'TOC_SUBMISSION_MALFORMED', /one key twice/],
    ['two documents', '{"type":"bundle"} {}', 'TOC_SUBMISSION_MALFORMED', /byte 18/],
    ['brackets that do not match', '{"type":"bundle","objects":[{]]}', 'TOC_SUBMISSION_MALFORMED', /byte 29/],
    ['an early end', '{"type":"bundle","objects":[{}', 'TOC_SUBMISSION_MALFORMED', /ends too early/],
    ['nesting', `{"type":"bundle","objects":[${'['.repeat(99)}`, 'TOC_SUBMISSION_NESTING', /100 deep at byte 126/],
  ])('refuses %s before the first batch', async (_what, document, code, detail) => {
    const { refused, batches } = await readAll(stix21, byteSource(document));
    expect(batches).toEqual([]);
    expect(refused?.code).toBe(code);
    expect(refused?.detail).toMatch(detail);
  });

  it('reads objects of STIX 2.0 as what they are in 2.1', async () => {
    const { pattern_type: _type, spec_version: _version, ...older } = indicator(1) as Record<string, unknown>;
    const report = { ...sdo('report', 3, { name: 'x', object_refs: [older.id], labels: ['threat-report'] }) };
    delete (report as Record<string, unknown>).spec_version;
    const benign = { ...older, id: `indicator--${uuid(2)}`, labels: ['benign'] };
    const document = JSON.stringify({
      ...{ type: 'bundle', id: `bundle--${uuid(0)}`, spec_version: '2.0' },
      objects: [{ ...older, labels: ['malicious-activity'] }, benign, report],
    });
    expect((await readAll(stix21, byteSource(document))).items).toMatchObject([
      { kind: 'advisory', ref: `report--${uuid(3)}` },
      { kind: 'candidate', position: 1, objectRef: `indicator--${uuid(1)}`, advisoryRefs: [`report--${uuid(3)}`] },
      { kind: 'ignored', position: 2, what: 'indicator-benign', harmless: true },
    ]);
    const mixed = { ...older, id: `indicator--${uuid(2)}`, labels: ['a-feed'], indicator_types: ['benign'] };
    expect((await read([mixed])).items).toMatchObject([{ kind: 'ignored', what: 'indicator-benign' }]);
    const observed = { ...sdo('observed-data', 4, { objects: { 0: { type: 'url', value: 'https://a.example/' } } }) };
    expect((await read([observed])).items).toEqual([{ kind: 'ignored', position: 1, what: 'observed-data' }]);
  });

  it('reads a bundle without objects, and one with its type at the end', async () => {
    expect(await readAll(stix21, byteSource(`{"type":"bundle","id":"bundle--${uuid(0)}"}`))).toEqual({
      batches: [],
      items: [],
    });
    const turned = `{"objects":[${JSON.stringify(indicator(1))}],"id":"bundle--${uuid(0)}","type":"bundle"}`;
    expect((await readAll(stix21, byteSource(turned))).items).toHaveLength(1);
  });
});
