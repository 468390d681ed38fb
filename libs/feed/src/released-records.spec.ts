import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { channelOfTopic } from '#libs/events';
import { readFeedRecord } from './read-feed-record.js';

interface Released {
  topic: string;
  key: string;
  headers: Record<string, string>;
  value: string;
}

/** Records as Kafka held them when they were released, one a line; never changed, only added to. */
const CORPUS = readFileSync(join(import.meta.dirname, '../../events/corpus/v1-kafka.ndjson'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Released)
  .filter(({ topic }) => channelOfTopic(topic) !== undefined);

describe('records of channels as they were released', () => {
  it('are of both kinds', () => {
    expect(new Set(CORPUS.map(({ headers }) => headers.ce_type))).toEqual(new Set(['tocsin.row', 'tocsin.withdrawal']));
    expect(CORPUS.length).toBeGreaterThan(20);
  });

  it.each(CORPUS.map((record) => [record.headers.ce_id, record] as const))('%s is read as it is', (_id, released) => {
    const { key, value, headers } = released;
    const said = JSON.parse(value) as {
      id: string;
      type: string;
      row_id: string;
      version: number;
      reason?: string;
      bulletin?: object;
      signal?: { type: string };
    };
    const wire = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
    expect(readFeedRecord({ key: Buffer.from(key), value: Buffer.from(value), headers: wire })).toEqual({
      rowId: said.row_id,
      version: said.version,
      eventId: said.id,
      live: said.type === 'row',
      walk: said.type === 'row' || said.reason === 'expired' ? 0 : 1,
      bulletin: said.bulletin !== undefined,
      // Of the hashes in the corpus but one, which is perceptual.
      lookUp: said.signal && said.signal.type !== 'pdq' ? 0x8414cd6 : undefined,
      body: Buffer.from(value),
    });
  });
});
