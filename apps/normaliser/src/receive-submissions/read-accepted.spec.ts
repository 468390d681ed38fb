import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { SUBMISSION_KINDS } from '#libs/domain';
import { SUBMISSIONS_TOPIC, type SubmissionAccepted } from '#libs/events';
import { readAccepted } from './read-accepted.js';

interface Released {
  topic: string;
  headers: Record<string, string>;
  value: string;
}

/** Records as Kafka held them when they were released, one a line; never changed, only added to. */
const CORPUS = readFileSync(join(import.meta.dirname, '../../../../libs/events/corpus/v1-kafka.ndjson'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Released)
  .filter(({ topic }) => topic === SUBMISSIONS_TOPIC);

function read({ headers, value }: Pick<Released, 'headers' | 'value'>): SubmissionAccepted {
  const wire = Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)]));
  return readAccepted({ headers: wire, value: Buffer.from(value) });
}

describe('records of submissions', () => {
  const [first] = CORPUS;
  if (!first) throw new Error('the corpus has no submission');
  const sample = JSON.parse(first.value) as SubmissionAccepted;

  it('as they were released are of every kind, and read as they are', () => {
    const events = CORPUS.map(read);
    expect(events).toEqual(CORPUS.map(({ value }) => JSON.parse(value) as unknown));
    expect(new Set(events.map(({ kind }) => kind))).toEqual(new Set(SUBMISSION_KINDS));
  });

  it.each([
    'null',
    'no JSON',
    ...[
      { submission_id: 'x' },
      { agency_id: 7 },
      { person_id: undefined },
      { advisory_id: 'x' },
      { key_id: 7 },
      { key_id: 'not a key' },
      { kind: 'of-another-time' },
      { format: undefined },
      { sha256: 'x' },
      { bytes: -1 },
      { bytes: 0.5 },
      { lane: 2 },
      { received_at: 'yesterday' },
    ].map((change) => JSON.stringify({ ...sample, ...change })),
  ])('are refused when they are %s', (value) => {
    expect(() => read({ headers: first.headers, value })).toThrow(
      expect.objectContaining({ code: 'TOC_EVENT_MALFORMED' }),
    );
  });
});
