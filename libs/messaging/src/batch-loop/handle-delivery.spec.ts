import { familyOf, fault, rejection, transient } from '#libs/domain';
import { promised } from '../contract/contract-setting.js';
import type { DeadLetter } from '../dead-letter-sink.js';
import type { ReceivedRecord } from '../kafka-client.js';
import { silentObserver } from '../messaging-observer.js';
import type { HandleBatch } from './handle-batch.js';
import { HandleDelivery } from './handle-delivery.js';

const QUICK = { firstMs: 1, maxMs: 2 };

const recordsAt = (...offsets: number[]): ReceivedRecord[] =>
  offsets.map((offset) => ({
    offset: BigInt(offset),
    timestamp: 0,
    key: null,
    value: Buffer.from(`${offset}`),
    headers: {},
  }));

/** A delivery whose commits are recorded, handled with quick retries; everything that happens is told in order. */
function delivering(
  records: ReceivedRecord[],
  handle: HandleBatch,
  more: { maxRecords?: number; lost?: boolean } = {},
) {
  const story: string[] = [];
  const logged: string[] = [];
  const letters: string[] = [];
  const stop = new AbortController();
  const sink = {
    write: promised((letter: DeadLetter, code: string, detail: string) => {
      letters.push(`${letter.record.offset} ${code}: ${detail}`);
      story.push(`letter ${letter.record.offset}`);
    }),
  };
  const log = (level: string) => (fields: object, message: string) =>
    logged.push(`${level} ${message} ${JSON.stringify(fields)}`);
  const handling = new HandleDelivery(
    {
      groupId: 'g',
      handle: async (batch, signal) => {
        story.push(`handle ${batch.records.map(({ offset }) => offset).join(',')}`);
        await handle(batch, signal);
      },
      deadLetters: { write: (letter, code, detail) => sink.write(letter, code, detail) },
      logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
      observer: {
        ...silentObserver,
        pausedChanged: (_, paused) => story.push(paused ? 'paused' : 'resumed'),
        alarmed: () => story.push('alarm'),
        lag: (_, records) => story.push(`lag ${records}`),
      },
      maxRecords: more.maxRecords ?? 100,
      retry: { transient: QUICK, fault: QUICK, faultTries: 3 },
      familyOf,
      consumer: { pause: () => story.push('consumer paused'), resume: () => story.push('consumer resumed') },
    },
    {
      batch: { topic: 't', partition: 0, records },
      nextOffset: 10n,
      endOffset: 12n,
      signal: stop.signal,
      commit: promised((offset) => {
        story.push(`commit ${offset}`);
        return more.lost ? 'lost' : 'committed';
      }),
    },
  );
  return { run: () => handling.run(), story, logged, letters, stop, sink };
}

const failing = (isBad: (record: ReceivedRecord) => boolean, error: () => Error): HandleBatch =>
  promised(({ records }) => {
    if (records.some(isBad)) throw error();
  });

/** Throws the errors one after the other, then nothing. */
const inTurn = (...errors: Error[]): HandleBatch =>
  promised(() => {
    const error = errors.shift();
    if (error) throw error;
  });

const succeeding: HandleBatch = () => Promise.resolve();

describe('handling of one delivery', () => {
  it('commits after the effects, up to where the batch really ends', async () => {
    const { run, story } = delivering(recordsAt(5, 6, 7), succeeding);
    await run();
    expect(story).toEqual(['handle 5,6,7', 'commit 10', 'lag 2']);
  });

  it('cuts a large batch and commits piece by piece, each up to the next record', async () => {
    const { run, story } = delivering(recordsAt(1, 2, 5, 6, 8), succeeding, { maxRecords: 2 });
    await run();
    expect(story).toEqual([
      'handle 1,2',
      'commit 5',
      'lag 7',
      'handle 5,6',
      'commit 8',
      'lag 4',
      'handle 8',
      'commit 10',
      'lag 2',
    ]);
  });

  it('goes no further once a commit says that the partition is lost', async () => {
    const { run, story } = delivering(recordsAt(1, 2), succeeding, { maxRecords: 1, lost: true });
    await run();
    expect(story).toEqual(['handle 1', 'commit 2']);
  });

  it('pauses the partition while an error is transient, however often, and makes no dead letter', async () => {
    const errors = Array.from({ length: 9 }, () => transient('TOC_DATABASE_UNAVAILABLE', 'away'));
    const { run, story, letters } = delivering(recordsAt(1), inTurn(...errors));
    await run();
    expect(letters).toEqual([]);
    expect(story.filter((step) => step === 'handle 1')).toHaveLength(10);
    expect(story.filter((step) => !step.startsWith('handle'))).toEqual([
      'consumer paused',
      'paused',
      'consumer resumed',
      'resumed',
      'commit 10',
      'lag 2',
    ]);
  });

  it('repeats a rejected batch one by one, keeps the poison as a dead letter before it goes on, and handles the others', async () => {
    const poison = failing(
      ({ offset }) => offset === 2n,
      () => rejection('TOC_EVENT_MALFORMED', 'unreadable'),
    );
    const { run, story, letters } = delivering(recordsAt(1, 2, 3), poison);
    await run();
    expect(story).toEqual([
      'handle 1,2,3',
      'handle 1',
      'handle 2',
      'letter 2',
      'commit 3',
      'handle 3',
      'commit 10',
      'lag 2',
    ]);
    expect(letters).toEqual(['2 TOC_EVENT_MALFORMED: unreadable']);
  });

  it('waits out a transient error in the middle of isolation', async () => {
    const errors = [rejection('TOC_EVENT_MALFORMED', 'x'), transient('TOC_DATABASE_CONFLICT', 'busy')];
    const { run, story, letters } = delivering(recordsAt(1, 2), inTurn(...errors));
    await run();
    expect(story.filter((step) => step.startsWith('handle'))).toEqual([
      'handle 1,2',
      'handle 1',
      'handle 1',
      'handle 2',
    ]);
    expect(letters).toEqual([]);
  });

  it('tries a record that faults a bounded number of times, then alarms, keeps it and goes on', async () => {
    const broken = failing(
      ({ offset }) => offset === 1n,
      () => new TypeError('x is not a function'),
    );
    const { run, story, letters, logged } = delivering(recordsAt(1, 2), broken);
    await run();
    expect(story.filter((step) => /^(handle|letter|alarm|commit)/.test(step))).toEqual([
      'handle 1,2',
      'handle 1',
      'handle 1',
      'handle 1',
      'alarm',
      'letter 1',
      'commit 2',
      'handle 2',
      'commit 10',
    ]);
    expect(letters).toEqual(['1 TOC_FAULT: x is not a function']);
    expect(logged.filter((line) => line.startsWith('error'))).toHaveLength(4);
  });

  it('gives a record that faults only once its chance', async () => {
    const { run, letters } = delivering(recordsAt(1), inTurn(fault('once'), fault('twice')));
    await run();
    expect(letters).toEqual([]);
  });

  it('never writes the message of an error that is not ours into a log, for it may quote the record', async () => {
    const leaky = failing(
      () => true,
      () => new Error('invalid input: "secret-indicator"'),
    );
    const { run, logged, letters } = delivering(recordsAt(1), leaky);
    await run();
    expect(logged.join('\n')).not.toContain('secret-indicator');
    expect(logged.join('\n')).toContain('handle-delivery.spec');
    expect(letters.join('\n')).toContain('secret-indicator');
  });

  it('goes on only when the dead letter is durable', async () => {
    const poison = failing(
      () => true,
      () => rejection('TOC_EVENT_MALFORMED', 'x'),
    );
    const underway = delivering(recordsAt(1), poison);
    const keep = underway.sink.write;
    let failures = 3;
    underway.sink.write = async (letter, code, detail) => {
      if (failures-- > 0) throw new Error('the sink is away');
      await keep(letter, code, detail);
    };
    await underway.run();
    expect(underway.story).toEqual([
      'handle 1',
      'handle 1',
      'consumer paused',
      'paused',
      'letter 1',
      'consumer resumed',
      'resumed',
      'commit 2',
      'commit 10',
      'lag 2',
    ]);
  });

  it('stops at the next record when told to, having committed nothing that is not done', async () => {
    const underway = delivering(
      recordsAt(1, 2, 3),
      promised(({ records }) => {
        if (records.length > 1) throw rejection('TOC_EVENT_MALFORMED', 'x');
        if (records[0]?.offset === 2n) underway.stop.abort();
      }),
    );
    await underway.run();
    expect(underway.story.filter((step) => step.startsWith('handle') || step.startsWith('commit'))).toEqual([
      'handle 1,2,3',
      'handle 1',
      'handle 2',
    ]);
  });

  it('stops waiting at once when told to', async () => {
    const underway = delivering(recordsAt(1), () => {
      setTimeout(() => underway.stop.abort(), 5);
      return Promise.reject(transient('TOC_DATABASE_UNAVAILABLE', 'away'));
    });
    await underway.run();
    expect(underway.story.filter((step) => step.startsWith('commit'))).toEqual([]);
    expect(underway.story.slice(-2)).toEqual(['consumer resumed', 'resumed']);
  });
});
