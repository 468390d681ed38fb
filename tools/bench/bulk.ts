import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { repositoryRoot } from '#libs/embedded';
import { channelTopic } from '#libs/events';
import { createKafkaClient, type PartitionOffsets, type RecordHeaders, type TopicAdmin } from '#libs/messaging';
import { createLogger } from '#libs/runtime';
import { ApiClient } from '../local-exchange/api-client.js';
import type { LocalExchange } from '../local-exchange/local-exchange.js';
import { SERVICES } from '../local-exchange/start-services.js';
import type { RecordCopied } from './bare-producer.js';
import { PARAMETERS, SUBMITTER } from './bench-exchange.js';
import { median, type Figure } from './measure.js';
import { processorTimes } from './processor-time.js';

/** Times of one bulk submission, in milliseconds from the `POST`. */
interface BulkTimes {
  answered: number;
  onKafka: number;
  inFeed: number;
}

/** Lists that go through while something else is measured. */
export interface GoingThrough {
  /** Whether some lines of the present list are in the feed, and some are not. */
  isGoing: () => boolean;
  /** Waits for the present list and sends no other. @returns how many there were */
  stop: () => Promise<number>;
}

/** Up to so many lines, the large run is taken three times. */
const MOST_TAKEN_THRICE = 200_000;
const LOOK_MS = 100;
const TOO_LONG_MS = 20 * 60_000;

/** Headers as texts, as they were written. */
function textsOf(headers: RecordHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, value.toString()]));
}

/** A list of SHA-256 digests that no other list has, streamed. */
export function digests(lines: number, seed: string): Readable {
  function* make(): Generator<Buffer> {
    for (let from = 0; from < lines; from += 1000) {
      const piece: string[] = [];
      for (let line = from; line < Math.min(lines, from + 1000); line += 1)
        piece.push(createHash('sha256').update(`${seed}/${line}`).digest('hex'));
      yield Buffer.from(`${piece.join('\n')}\n`);
    }
  }
  return Readable.from(make());
}

/** Measures bulk submissions on a channel of their own. */
export class BulkBench {
  private channels = 0;
  private readonly admin: TopicAdmin;
  private readonly database: pg.Pool;

  constructor(
    private readonly exchange: LocalExchange,
    private readonly say: (sentence: string) => void,
  ) {
    this.admin = createKafkaClient(this.connection(), { logger: createLogger('bench', 'error') }).admin();
    this.database = new pg.Pool({ connectionString: exchange.servers.ownerUrl, max: 1 });
  }

  private connection() {
    const password = this.exchange.file.state.kafkaAdminPassword;
    const sasl = { mechanism: 'scram-sha-512' as const, username: 'tocsin-admin', password };
    return { brokers: [this.exchange.servers.kafka.bootstrap], clientId: 'bench', sasl };
  }

  /**
   * Bare kafkajs in the same run, with the services idle, writing copies of a record that `channel` has on Kafka.
   * @returns records per second
   */
  async ceiling(channel: string, lines: number): Promise<number> {
    const topic = `tocsin.bench.${Date.now().toString(36)}`;
    await this.admin.ensureTopic({ topic, partitions: 1 });
    const { brokers, sasl } = this.connection();
    const program = join(repositoryRoot(), 'dist/tools/bench/bare-producer.js');
    // Arguments can be read by every user of the machine.
    const env = {
      PATH: process.env.PATH,
      BARE_PRODUCER_PASSWORD: sasl.password,
      BARE_PRODUCER_RECORD: JSON.stringify(await this.recordOf(channel)),
    };
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--no-warnings', program, brokers.join(','), sasl.username, topic, String(lines)],
      { env },
    );
    await this.admin.deleteTopic(topic);
    return (JSON.parse(stdout) as { recordsPerSecond: number }).recordsPerSecond;
  }

  private async recordOf(channel: string): Promise<RecordCopied> {
    const client = createKafkaClient(this.connection(), { logger: createLogger('bench', 'error') });
    const consumer = client.consumer({ groupId: `bench-${channel}` });
    consumer.subscribe([channelTopic(channel)]);
    const record = await new Promise<RecordCopied>((resolve) => {
      consumer.start(({ batch: { records } }) => {
        const [first] = records;
        if (first?.value) resolve({ headers: textsOf(first.headers), value: first.value.toString('base64') });
        return Promise.resolve();
      });
    });
    await client.close();
    return record;
  }

  /** Opens a channel without subscribers, so that the figure is the line's own. */
  async openChannel(): Promise<string> {
    this.channels += 1;
    const id = `bulk-${Date.now().toString(36)}-${this.channels}`;
    const operator = new ApiClient(this.exchange.url('console'), this.exchange.key('Exchange operators', 'operator'));
    await operator.call('POST', '/v1/channels', {
      id,
      title: id,
      audience: { kinds: ['nobody'] },
      highest_tlp: 'amber+strict',
    });
    while ((await this.offsets(id)) === null) await sleep(LOOK_MS);
    // The feed writer picks new channels up by itself.
    await sleep(3000);
    return id;
  }

  /**
   * One submission from its `POST` to the last record on Kafka and the last row in the feed.
   * @param earlier rows that the channel had before
   * @param look told each time how many of the lines are in the feed
   */
  async submit(
    lines: number,
    opened?: string,
    earlier = 0,
    look: (inFeed: number) => void = () => undefined,
  ): Promise<BulkTimes> {
    const channel = opened ?? (await this.openChannel());
    const path = `/v1/submissions?${new URLSearchParams({ ...PARAMETERS, channels: channel }).toString()}`;
    const officer = new ApiClient(this.exchange.url('intake'), this.exchange.key(SUBMITTER, 'officer'));
    const started = performance.now();
    const since = (): number => performance.now() - started;
    const posted = officer
      .send('POST', path, Readable.toWeb(digests(lines, `${channel}/${earlier}`)) as unknown as RequestInit['body'], {
        'content-type': 'text/plain',
      })
      .then(() => since());
    posted.catch(() => undefined);
    let onKafka = 0;
    let inFeed = 0;
    while (!onKafka || !inFeed) {
      if (since() > TOO_LONG_MS)
        throw new Error(`${lines} lines did not arrive within ${TOO_LONG_MS / 60_000} minutes.`);
      if (!onKafka && (await this.recordsOn(channel)) - earlier >= lines) onKafka = since();
      const rows = (await this.rowsInFeed(channel)) - earlier;
      look(rows);
      if (!inFeed && rows >= lines) inFeed = since();
      await sleep(LOOK_MS);
    }
    const times = { answered: await posted, onKafka, inFeed };
    this.say(
      `  ${lines} lines: answered ${(times.answered / 1000).toFixed(1)} s, on Kafka ${(onKafka / 1000).toFixed(1)} s, in the feed ${(inFeed / 1000).toFixed(1)} s`,
    );
    return times;
  }

  /**
   * Has lists go through one after the other, on a channel of their own.
   * @returns when the first rows are in the feed; a list that does not arrive is told by `stop`
   */
  async keepGoing(lines: number): Promise<GoingThrough> {
    const channel = await this.openChannel();
    let inFeed = 0;
    let wanted = true;
    let lists = 0;
    const through = async (): Promise<void> => {
      for (; wanted; lists += 1) await this.submit(lines, channel, lists * lines, (rows) => (inFeed = rows));
    };
    const going = through();
    const begun = async (): Promise<void> => {
      while (inFeed === 0) await sleep(LOOK_MS);
    };
    await Promise.race([begun(), going]);
    return {
      isGoing: () => inFeed > 0 && inFeed < lines,
      stop: async () => {
        wanted = false;
        await going;
        return lists;
      },
    };
  }

  /** Null while the topic is being made. */
  private offsets(channel: string): Promise<PartitionOffsets[] | null> {
    return this.admin.offsets(channelTopic(channel)).catch(() => null);
  }

  private async recordsOn(channel: string): Promise<number> {
    const offsets = (await this.offsets(channel)) ?? [];
    return offsets.reduce((sum, { endOffset }) => sum + Number(endOffset), 0);
  }

  private async rowsInFeed(channel: string): Promise<number> {
    const { rows } = await this.database.query<{ head: string }>(
      'SELECT head FROM feed.channel WHERE channel_id = $1',
      [channel],
    );
    return Number(rows[0]?.head ?? 0);
  }

  /** Highest resident memory of each service since its start, in MB. */
  async peakMemory(): Promise<Record<string, number>> {
    const peaks: Record<string, number> = {};
    for (const service of SERVICES) {
      const status = await readFile(`/proc/${this.exchange.services.pid(service)}/status`, 'utf8');
      peaks[service] = Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) / 1024;
    }
    return peaks;
  }

  /** All figures of the bulk bench. */
  async run(lines: number): Promise<Figure[]> {
    const runs = lines <= MOST_TAKEN_THRICE ? 3 : 1;
    this.say(`bulk: the ceiling, then three tenths, then ${lines} lines${runs > 1 ? `, ${runs} times` : ''}`);
    const first = await this.openChannel();
    await this.submit(1000, first);
    const ceiling = await this.ceiling(first, Math.min(lines, 200_000));
    const tenth = Math.max(1000, Math.round(lines / 10));
    const small: number[] = [];
    for (let run = 0; run < 3; run += 1) small.push((await this.submit(tenth)).inFeed / tenth);
    const taken: BulkTimes[] = [];
    const before = await processorTimes(this.exchange);
    for (let run = 0; run < runs; run += 1) taken.push(await this.submit(lines));
    const after = await processorTimes(this.exchange);
    const onKafka = median(taken.map((times) => times.onKafka));
    const inFeed = median(taken.map((times) => times.inFeed));
    const howTaken = runs > 1 ? `median of ${runs}` : 'one run';
    const rate = (milliseconds: number): number => lines / (milliseconds / 1000);
    const share = (milliseconds: number): number => rate(milliseconds) / ceiling;
    const growth = inFeed / lines / median(small);
    const peaks = await this.peakMemory();
    return [
      {
        bench: 'bulk',
        figure: `${lines} lines to Kafka (${howTaken})`,
        value: rate(onKafka),
        unit: '/s',
        ceiling,
        ratio: share(onKafka),
        wanted: '≥ 0.25, aim 0.5',
        reached: share(onKafka) >= 0.25,
      },
      {
        bench: 'bulk',
        figure: `${lines} lines to the feed (${howTaken})`,
        value: rate(inFeed),
        unit: '/s',
        ceiling,
        ratio: share(inFeed),
        wanted: '≥ 0.25, aim 0.5',
        reached: share(inFeed) >= 0.25,
      },
      {
        bench: 'bulk',
        figure: `cost per signal, ${lines} (${howTaken}) against ${tenth} (median of 3)`,
        value: growth,
        unit: '×',
        wanted: '≤ 1.3',
        reached: growth <= 1.3,
      },
      ...[...after].map(([part, spent]): Figure => ({
        bench: 'bulk',
        figure: `processor time a signal of ${part}`,
        value: (spent - (before.get(part) ?? 0)) / (runs * lines),
        unit: 'µs',
      })),
      ...Object.entries(peaks).map(([service, value]): Figure => ({
        bench: 'bulk',
        figure: `peak memory of ${service}`,
        value,
        unit: 'MB',
        wanted: '≤ 400',
        reached: value <= 400,
      })),
    ];
  }

  async close(): Promise<void> {
    await this.admin.close();
    await this.database.end();
  }
}
