import fc from 'fast-check';
import { TocsinError } from '#libs/domain';
import { type CloudEvent, fromRecordParts, toRecordParts } from './cloud-event-binding.js';
import type { RecordHeaders } from './kafka-client.js';

const event: CloudEvent = {
  id: '5b1d',
  source: '/tocsin/channels/everyone',
  type: 'tocsin.row.v1',
  time: '2026-03-01T10:00:00.123Z',
  subject: 'row/7',
  datacontenttype: 'application/json',
  traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  data: Buffer.from('{"a":1}'),
};

const received = (headers: Record<string, string | Buffer | Buffer[]>): RecordHeaders =>
  Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? Buffer.from(value) : value]),
  );

const readBack = (
  change: Record<string, string | Buffer | Buffer[] | undefined>,
  value: Buffer | null = event.data,
) => {
  const headers = new Map(Object.entries({ ...toRecordParts(event).headers, ...change }));
  const present: Record<string, string | Buffer | Buffer[]> = {};
  for (const [name, header] of headers) if (header !== undefined) present[name] = header;
  return fromRecordParts({ headers: received(present), value });
};

const refusalOf = (read: () => unknown): unknown => {
  try {
    read();
  } catch (error) {
    return error instanceof TocsinError ? { code: error.code, header: error.facts.header } : error;
  }
  return 'accepted';
};

describe('CloudEvents in Kafka records, binary mode', () => {
  it('writes the attributes as prefixed headers and the data as the value', () => {
    expect(toRecordParts(event)).toEqual({
      headers: {
        ce_specversion: '1.0',
        ce_id: '5b1d',
        ce_source: '/tocsin/channels/everyone',
        ce_type: 'tocsin.row.v1',
        ce_time: '2026-03-01T10:00:00.123Z',
        ce_subject: 'row/7',
        'content-type': 'application/json',
        traceparent: event.traceparent,
      },
      value: event.data,
    });
  });

  it('reads back what it wrote, whatever the bytes and texts', () => {
    const text = fc.string({ minLength: 1, unit: 'grapheme' });
    fc.assert(
      fc.property(text, text, text, fc.uint8Array(), (id, source, type, bytes) => {
        const written: CloudEvent = {
          id,
          source,
          type,
          datacontenttype: 'application/octet-stream',
          data: Buffer.from(bytes),
        };
        const { headers, value } = toRecordParts(written);
        expect(fromRecordParts({ headers: received(headers), value })).toEqual(written);
      }),
    );
  });

  it('reads a tombstone, which has no data and no media type', () => {
    expect(readBack({ 'content-type': undefined }, null)).toMatchObject({ id: '5b1d', data: null });
  });

  it.each(['ce_id', 'ce_source', 'ce_type', 'ce_specversion', 'content-type'])(
    'refuses a record without %s',
    (header) => {
      expect(refusalOf(() => readBack({ [header]: undefined }))).toEqual({ code: 'TOC_EVENT_MALFORMED', header });
    },
  );

  it.each([
    ['ce_id', ''],
    ['ce_id', Buffer.from([0xc3, 0x28])],
    ['ce_id', [Buffer.from('a'), Buffer.from('b')]],
    ['ce_specversion', '0.3'],
    ['ce_time', 'yesterday'],
    ['ce_time', '2026-02-30T00:00:00Z'],
    ['ce_time', '2026-03-01 10:00:00'],
    ['content-type', 'json'],
    ['content-type', 'Application/CloudEvents+json; charset=UTF-8'],
  ])('refuses a malformed %s (%p)', (header, value) => {
    expect(refusalOf(() => readBack({ [header]: value }))).toEqual({ code: 'TOC_EVENT_MALFORMED', header });
  });

  it.each([
    '00-00000000000000000000000000000000-b7ad6b7169203331-01',
    'ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    'x',
  ])('leaves out a trace context that is not one (%s)', (traceparent) => {
    expect(readBack({ traceparent })).not.toHaveProperty('traceparent');
  });

  it('ignores headers of others', () => {
    expect(readBack({ ce_partitionkey: 'p', __proto__x: 'y' })).toEqual(event);
  });
});
