import { createHash, randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import kafkajs from 'kafkajs';
import pg from 'pg';
import { ApiClient } from '../local-exchange/api-client.js';
import type { LocalExchange } from '../local-exchange/local-exchange.js';
import { startWebhookReceiver, type WebhookReceiver } from '../receivers/webhook-receiver.js';
import { PARAMETERS, SUBMITTER } from './bench-exchange.js';
import { percentile, type Figure } from './measure.js';

const SUBSCRIBER = 'Framehub';
const { Kafka, logLevel } = kafkajs;

/** Measures one advisory from the officer's `POST` to the platform's webhook. */
export class OneAdvisoryBench {
  private constructor(
    private readonly exchange: LocalExchange,
    private readonly receiver: WebhookReceiver,
    private readonly officer: ApiClient,
  ) {}

  /** Subscribes a receiver of the bench's own, which notes arrivals in this process, by this clock. */
  static async open(exchange: LocalExchange): Promise<OneAdvisoryBench> {
    const receiver = await startWebhookReceiver({ port: 0 });
    const admin = new ApiClient(exchange.url('console'), exchange.key(SUBSCRIBER, 'admin'));
    const subscription = await admin.call<{ hand_over: { public_keys: string[] } }>('POST', '/v1/subscriptions', {
      connector: 'webhook',
      channels: ['everyone', 'emergency'],
      settings: { url: receiver.url },
    });
    receiver.trust({ publicKeys: subscription.hand_over.public_keys });
    return new OneAdvisoryBench(
      exchange,
      receiver,
      new ApiClient(exchange.url('intake'), exchange.key(SUBMITTER, 'officer')),
    );
  }

  /** @returns milliseconds of each advisory, one after the other */
  async latencies(count: number, channel: 'everyone' | 'emergency'): Promise<number[]> {
    const samples: number[] = [];
    for (let index = 0; index < count; index += 1) samples.push(await this.one(channel));
    return samples;
  }

  private async one(channel: string): Promise<number> {
    const digest = createHash('sha256').update(randomUUID()).digest('hex');
    const path = `/v1/submissions?${new URLSearchParams({ ...PARAMETERS, channels: channel }).toString()}`;
    const before = this.receiver.state.arrivals.length;
    const started = performance.now();
    // One after the other: the next arrival on this channel is this advisory's.
    const arrived = this.receiver.waitFor(
      ({ arrivals }) => arrivals.slice(before).some((arrival) => arrival.channel === channel),
      60_000,
    );
    await this.officer.send('POST', path, digest, { 'content-type': 'text/plain' });
    await arrived;
    return performance.now() - started;
  }

  async close(): Promise<void> {
    await this.receiver.close();
  }

  /** One durable commit, one Kafka round trip and one HTTP `POST`, bare, one after the other. @returns milliseconds of each round */
  async bareSum(rounds: number): Promise<number[]> {
    const database = new pg.Client({ connectionString: this.exchange.servers.ownerUrl });
    await database.connect();
    await database.query('CREATE TABLE IF NOT EXISTS public.bench_bare (id uuid PRIMARY KEY)');
    const kafka = new Kafka({
      clientId: 'bare',
      brokers: [this.exchange.servers.kafka.bootstrap],
      sasl: {
        mechanism: 'scram-sha-512',
        username: 'tocsin-admin',
        password: this.exchange.file.state.kafkaAdminPassword,
      },
      logLevel: logLevel.NOTHING,
    });
    const topic = `tocsin.bench.${randomUUID()}`;
    const admin = kafka.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 1 }] });
    const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 });
    const consumer = kafka.consumer({ groupId: topic });
    await producer.connect();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    const waiting = new Map<string, () => void>();
    await consumer.run({
      eachMessage: ({ message }) => Promise.resolve(waiting.get(message.key?.toString() ?? '')?.()),
    });
    const server = createServer((request, response) => request.resume().on('end', () => response.end('ok')));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const samples: number[] = [];
    const warmUp = 20;
    for (let round = 0; round < rounds + warmUp; round += 1) {
      const id = randomUUID();
      const started = performance.now();
      await database.query('INSERT INTO public.bench_bare VALUES ($1)', [id]);
      const received = new Promise<void>((resolve) => waiting.set(id, resolve));
      await producer.send({ topic, acks: -1, messages: [{ key: id, value: id }] });
      await received;
      await fetch(url, { method: 'POST', body: id }).then((response) => response.text());
      if (round >= warmUp) samples.push(performance.now() - started);
    }
    await Promise.all([consumer.disconnect(), producer.disconnect()]);
    await admin.deleteTopics({ topics: [topic] });
    await admin.disconnect();
    await database.query('DROP TABLE public.bench_bare');
    await database.end();
    server.close();
    return samples;
  }

  /** Figures with nothing else running. */
  async idle(count: number): Promise<{ figures: Figure[]; p50: number; p99: number }> {
    await this.latencies(20, 'everyone');
    const bare = await this.bareSum(200);
    const samples = await this.latencies(count, 'everyone');
    const [p50, p99] = [percentile(samples, 0.5), percentile(samples, 0.99)];
    const [bare50, bare99] = [percentile(bare, 0.5), percentile(bare, 0.99)];
    const figure = (name: string, value: number, ceiling: number): Figure => ({
      bench: 'one advisory',
      figure: name,
      value,
      unit: 'ms',
      ceiling,
      ratio: value / ceiling,
      wanted: 'aim ≤ 3 × the bare sum',
      reached: value <= 3 * ceiling,
    });
    return {
      p50,
      p99,
      figures: [figure(`idle p50 (n=${count})`, p50, bare50), figure(`idle p99 (n=${count})`, p99, bare99)],
    };
  }

  /**
   * Figures of the emergency lane while something else goes on.
   * @param isGoing whether it does; samples during which it did not, from start to end, are in the figures and told
   */
  async underLoad(count: number, idle: { p50: number; p99: number }, isGoing: () => boolean): Promise<Figure[]> {
    const samples: number[] = [];
    let within = 0;
    for (let index = 0; index < count; index += 1) {
      const before = isGoing();
      samples.push(await this.one('emergency'));
      if (before && isGoing()) within += 1;
    }
    const howMany = `n=${count}, ${within} while a list was going through`;
    const [p50, p99] = [percentile(samples, 0.5), percentile(samples, 0.99)];
    const bound = Math.max(3 * idle.p99, 250);
    return [
      {
        bench: 'one advisory',
        figure: `emergency lane under bulk, p50 (${howMany})`,
        value: p50,
        unit: 'ms',
        ceiling: idle.p50,
        ratio: p50 / idle.p50,
        wanted: '≤ 2 × idle',
        reached: p50 <= 2 * idle.p50,
      },
      {
        bench: 'one advisory',
        figure: `emergency lane under bulk, p99 (${howMany})`,
        value: p99,
        unit: 'ms',
        ceiling: idle.p99,
        ratio: p99 / idle.p99,
        wanted: `≤ ${Math.round(bound)} ms`,
        reached: p99 <= bound,
      },
    ];
  }
}
