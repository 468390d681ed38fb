import { byteSource, describeFormat, readAll } from '#libs/testing';
import type { ReadItem } from '../format.js';
import { descriptor } from './examples.js';
import { threatexchange } from './threatexchange.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';

function* many(items: number): Iterable<string> {
  yield '{"data":[';
  for (let number = 0; number < items; number += 500) {
    const some = Array.from({ length: Math.min(500, items - number) }, (_one, at) =>
      descriptor(number + at, 'HASH_MD5', MD5),
    );
    yield `${number > 0 ? ',' : ''}${JSON.stringify(some).slice(1, -1)}`;
  }
  yield ']}';
}

describeFormat(threatexchange, { many, endless: '{"data":[{"raw_indicator":"' });

const read = async (...data: unknown[]): Promise<ReadItem[]> =>
  (await readAll(threatexchange, byteSource(JSON.stringify({ data })))).items;
const one = async (more: object, type = 'HASH_MD5', raw = MD5): Promise<ReadItem | undefined> =>
  (await read(descriptor(1, type, raw, more)))[0];

describe('descriptors of ThreatExchange', () => {
  it('are objects with a version, a marking and what is said about them', async () => {
    expect(await one({ expired_on: '2026-02-05T10:00:00+0000', last_updated: '2026-01-06T10:00:00+0100' })).toEqual({
      ...{ kind: 'candidate', position: 1, signals: [{ type: 'md5', value: MD5 }] },
      ...{ objectRef: 'threatexchange-descriptor--4000000001', objectModified: '2026-01-06T09:00:00.000Z' },
      draft: {
        ...{ confidence: 90, severity: 'severe', validUntil: '2026-02-05T10:00:00.000Z' },
        marking: { tlp: 'amber+strict' },
      },
    });
  });

  it('that are only suspected are to be noted, and nothing more', async () => {
    expect(await one({ status: 'SUSPICIOUS' })).toMatchObject({ kind: 'candidate', draft: { ceiling: 'log' } });
  });

  it('that say it is harmless take back what they said before', async () => {
    expect(await one({ status: 'NON_MALICIOUS' })).toMatchObject({ kind: 'ignored', harmless: true });
    for (const status of ['UNKNOWN', undefined])
      expect(await one({ status })).toMatchObject({ what: 'status-unknown' });
  });

  it.each([
    ['HASH_VIDEO_MD5', MD5, 'md5', MD5],
    ['RAW_URI', 'hxxps://video[.]example/1', 'url', 'https://video.example/1'],
    ['DOMAIN', 'Video.Example', 'domain', 'video.example'],
    ['TEXT_STRING', 'Some  Words', 'phrase', 'some words'],
  ])('of the type %s are signals', async (type, raw, signal, value) => {
    expect(await one({}, type, raw)).toMatchObject({ signals: [{ type: signal, value }] });
  });

  it.each(['HASH_URL_MD5', 'TREND_QUERY', 'DEBUG_STRING', 'EMAIL_ADDRESS', 'constructor'])(
    'of the type %s carry none',
    async (type) => expect(await one({}, type)).toMatchObject({ kind: 'ignored', what: 'other-indicator' }),
  );

  it.each([
    [{ privacy_type: 'HAS_WHITELIST' }, 'TOC_ITEM_MARKING'],
    [{ share_level: 'UNKNOWN' }, 'TOC_ITEM_MARKING'],
    [{ id: 'x' }, 'TOC_ITEM_MALFORMED'],
    [{ expired_on: 'soon' }, 'TOC_ITEM_TIME'],
    [{ raw_indicator: 'zz' }, 'TOC_ITEM_VALUE'],
    [{ raw_indicator: 7 }, 'TOC_ITEM_MALFORMED'],
  ])('with %j are rejected by themselves', async (more, code) => {
    expect(await read(descriptor(1, 'HASH_MD5', MD5, more), descriptor(2, 'HASH_MD5', MD5))).toMatchObject([
      { kind: 'rejected', code },
      { kind: 'candidate' },
    ]);
  });

  it('are not read out of another document', async () => {
    for (const document of ['{"data":[{"a":1}]}', '[]', '{"x":[]}', '{"data":{}}'])
      expect((await readAll(threatexchange, byteSource(document))).refused?.code).toBe('TOC_SUBMISSION_FORMAT');
  });
});
