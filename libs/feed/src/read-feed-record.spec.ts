import { TocsinError } from '#libs/domain';
import { readFeedRecord } from './read-feed-record.js';

const ROW = '018f7c6e-0000-8000-8000-000000000001';
const EVENT = '018f7c6e-0000-5000-8000-000000000002';

function record(
  change: { key?: string | null; value?: Buffer | null; headers?: Record<string, string | undefined> } = {},
) {
  const headers = { ce_id: EVENT, ce_type: 'tocsin.row', version: '7', ...change.headers };
  return {
    key: change.key === null ? null : Buffer.from(change.key ?? ROW),
    value: change.value === undefined ? Buffer.from('{"a":"ü"}') : change.value,
    headers: Object.fromEntries(
      Object.entries<string | undefined>(headers).flatMap(([name, text]) =>
        text === undefined ? [] : [[name, Buffer.from(text)]],
      ),
    ),
  };
}

const partOf = (change: Parameters<typeof record>[0]): unknown => {
  try {
    readFeedRecord(record(change));
  } catch (thrown) {
    return thrown instanceof TocsinError && thrown.code === 'TOC_EVENT_MALFORMED' ? thrown.facts.part : thrown;
  }
  return 'accepted';
};

describe('a record of a channel topic', () => {
  it('is read from key and headers, its body as it is', () => {
    expect(readFeedRecord(record())).toEqual({
      rowId: ROW,
      version: 7,
      eventId: EVENT,
      walk: 0,
      live: true,
      bulletin: false,
      body: Buffer.from('{"a":"ü"}'),
    });
  });

  it('is a bulletin when that is what it is about, whatever words it holds', () => {
    const of = (value: object): boolean =>
      readFeedRecord(record({ value: Buffer.from(JSON.stringify(value)) })).bulletin;
    expect(of({ id: 'x', bulletin: { title: 't' } })).toBe(true);
    expect(of({ id: 'x', signal: { type: 'phrase', value: '"bulletin":{' } })).toBe(false);
  });

  it.each([
    ['retracted', 1],
    ['narrowed', 1],
    ['held', 1],
    ['a-word-of-tomorrow', 1],
    [undefined, 1],
    ['expired', 0],
  ])('that withdraws because of %s travels in walk %d and is not live', (reason, walk) => {
    expect(readFeedRecord(record({ headers: { ce_type: 'tocsin.withdrawal', reason } }))).toMatchObject({
      walk,
      live: false,
    });
  });

  it.each([
    ['key', { key: null }],
    ['key', { key: 'x' }],
    ['key', { key: `${ROW},${ROW}` }],
    ['ce_id', { headers: { ce_id: undefined } }],
    ['version', { headers: { version: '0' } }],
    ['version', { headers: { version: '1e3' } }],
    ['version', { headers: { version: '9999999999' } }],
    ['ce_type', { headers: { ce_type: 'tocsin.row.v2' } }],
    ['value', { value: null }],
    ['value', { value: Buffer.alloc(0) }],
    ['value', { value: Buffer.from('[1]') }],
    ['value', { value: Buffer.from('{"a":"\u001f"}') }],
    ['value', { value: Buffer.from('{"a":"\u0000"}') }],
    ['value', { value: Buffer.from([0x7b, 0xc3, 0x28, 0x7d]) }],
  ])('is refused for its %s (%#)', (part, change) => {
    expect(partOf(change)).toBe(part);
  });
});
