import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { createMissingKeys, KeyRing, seal, webhookSigning } from '#libs/access';
import type { AudienceRule } from '#libs/domain';
import { channelTopic, channelTopicPlan } from '#libs/events';
import { createKafkaClient, type KafkaClient, type Producer, type RecordToSend } from '#libs/messaging';
import { migrate, openDatabase, type SubscriptionFilter } from '#libs/persistence';
import { createLogger, Health, loadConfig, startService, Telemetry, type RunningService } from '#libs/runtime';
import { createDatabase, sharedAddresses, uniqueName, type TestAddresses, type TestDatabase } from '#libs/testing';
import { startWebhookReceiver, type WebhookReceiver } from '../../../tools/receivers/webhook-receiver.js';
import { DeliveryConfig } from '../src/config.js';
import { defineDelivery } from '../src/delivery-service.js';

/** A platform with one subscription and the receiver behind it. */
export interface TestPlatform {
  platformId: string;
  subscriptionId: string;
  receiver: WebhookReceiver;
}

/** A real database, a real Kafka, a directory and receivers: what delivery stands between. */
export class Exchange {
  private readonly closing: (() => Promise<unknown>)[] = [];

  private constructor(
    readonly addresses: TestAddresses,
    readonly testDatabase: TestDatabase,
    readonly database: DataSource,
    readonly keysDir: string,
    readonly kafka: KafkaClient,
    private readonly producer: Producer,
  ) {}

  static async open(name: string): Promise<Exchange> {
    const addresses = await sharedAddresses();
    const testDatabase = await createDatabase(name);
    await migrate(testDatabase.url);
    const settings = { url: testDatabase.url, connections: 4, applicationName: 'exchange-under-test' };
    const database = await openDatabase(settings).initialize();
    // Delivery runs with its own rights and no others.
    await database.query(`CREATE ROLE "${testDatabase.name}" LOGIN PASSWORD 'delivery' IN ROLE tocsin_delivery`);
    const keysDir = await mkdtemp(join(tmpdir(), 'tocsin-keys-'));
    createMissingKeys(keysDir, new Date());
    const { bootstrap, adminUser: username, adminPassword: password } = addresses.kafka;
    const kafka = createKafkaClient(
      { brokers: [bootstrap], clientId: 'exchange', sasl: { mechanism: 'scram-sha-512', username, password } },
      { logger: createLogger('exchange', 'fatal') },
    );
    return new Exchange(addresses, testDatabase, database, keysDir, kafka, kafka.producer());
  }

  /** Environment of a delivery process on this exchange. */
  environment(more: Record<string, string> = {}): Record<string, string> {
    const { bootstrap, adminUser, adminPassword } = this.addresses.kafka;
    const url = new URL(this.testDatabase.url);
    Object.assign(url, { username: this.testDatabase.name, password: 'delivery' });
    return {
      ...{ TOCSIN_ENVIRONMENT: 'test', TOCSIN_LOG_LEVEL: 'debug', TOCSIN_PORT: '0', TOCSIN_OPS_PORT: '0' },
      ...{ TOCSIN_DATABASE_URL: url.href, TOCSIN_KEYS_DIR: this.keysDir },
      ...{ TOCSIN_KAFKA_BROKERS: bootstrap, TOCSIN_KAFKA_USERNAME: adminUser, TOCSIN_KAFKA_PASSWORD: adminPassword },
      // Other specs run beside this one on the same Kafka: their coming and going must not rebalance anybody here.
      TOCSIN_DELIVERY_GROUP: this.testDatabase.name,
      ...{ TOCSIN_EGRESS_EXCEPTIONS: '127.0.0.1:*', TOCSIN_EGRESS_ALLOW_HTTP: 'true' },
      ...more,
    };
  }

  /** Starts delivery in this process, as its main file does. */
  async startDelivery(more: Record<string, string> = {}): Promise<RunningService> {
    const config = loadConfig(DeliveryConfig, this.environment(more));
    const logger = createLogger('delivery', config.logLevel);
    const parts = { config, logger, telemetry: new Telemetry('delivery'), health: new Health() };
    const service = await startService(await defineDelivery(parts), parts);
    this.closing.unshift(() => service.stop());
    return service;
  }

  /** Opens a channel and makes its topic. */
  async channel(
    given: { audience?: AudienceRule; priority?: 'ordinary' | 'emergency'; partitions?: number } = {},
  ): Promise<string> {
    const id = uniqueName('channel');
    const admin = this.kafka.admin();
    await admin.ensureTopic({ ...channelTopicPlan(id), partitions: given.partitions ?? 2 });
    await admin.close();
    await this.database.query(
      `INSERT INTO directory.channel (id, title, audience, highest_tlp, priority) VALUES ($1, $1, $2, 'red', $3)`,
      [id, given.audience ?? {}, given.priority ?? 'ordinary'],
    );
    return id;
  }

  async organisation(kind: 'agency' | 'platform', country = 'NL'): Promise<string> {
    const id = randomUUID();
    await this.database.query(
      `INSERT INTO directory.organisation (id, kind, name, country, platform_kind, standing, receives_csea)
       VALUES ($1, $2, $3, $4, $5, 'full', true)`,
      [id, kind, uniqueName(kind), country, kind === 'platform' ? 'video' : null],
    );
    return id;
  }

  /** A platform whose webhook subscription is active at once. */
  async platform(
    channels: string[],
    given: { filter?: SubscriptionFilter; batchSize?: number; country?: string; receiver?: WebhookReceiver } = {},
  ): Promise<TestPlatform> {
    const platformId = await this.organisation('platform', given.country);
    const receiver = given.receiver ?? (await this.receiver());
    const subscriptionId = randomUUID();
    await this.subscribe(subscriptionId, platformId, channels, receiver.url, given);
    return { platformId, subscriptionId, receiver };
  }

  /** Subscribes a platform's webhook without asking whether anybody wants it there. */
  async subscribe(
    subscriptionId: string,
    platformId: string,
    channels: string[],
    url: string,
    given: { filter?: SubscriptionFilter; batchSize?: number } = {},
  ): Promise<void> {
    const settings = { url, signature: 'ed25519', batch_size: given.batchSize ?? 100 };
    await this.database.query(
      `INSERT INTO directory.subscription (id, platform_id, connector, channels, filter, settings, sealed_secrets)
       VALUES ($1, $2, 'webhook', $3, $4, $5, $6)`,
      [subscriptionId, platformId, channels, given.filter ?? {}, settings, this.sealed(subscriptionId)],
    );
  }

  /** Secrets as the console seals them. */
  sealed(subscriptionId: string, secrets: Record<string, string> = {}): Buffer {
    return seal(KeyRing.open(this.keysDir, 'endpoint-secrets'), Buffer.from(JSON.stringify(secrets)), subscriptionId);
  }

  async receiver(port = 0): Promise<WebhookReceiver> {
    const signing = webhookSigning(KeyRing.open(this.keysDir, 'webhook-signing'));
    const publicKeys = signing.publicKeys().map(({ raw }) => `whpk_${raw.toString('base64')}`);
    const receiver = await startWebhookReceiver({ port, keys: { publicKeys } });
    this.closing.push(() => receiver.close());
    return receiver;
  }

  async publish(channel: string, records: readonly RecordToSend[]): Promise<void> {
    await this.producer.send([{ topic: channelTopic(channel), records }]);
  }

  /** Changes a subscription as the console does. */
  async change(subscriptionId: string, assignments: string, ...parameters: unknown[]): Promise<void> {
    await this.database.query(`UPDATE directory.subscription SET ${assignments}, changed_at = now() WHERE id = $1`, [
      subscriptionId,
      ...parameters,
    ]);
  }

  /** Stops publishing; returns the function that lifts the stop. */
  async stopPublishing(
    scope: 'everything' | 'agency' | 'channel',
    subject: string | null,
  ): Promise<() => Promise<void>> {
    const person = randomUUID();
    const id = randomUUID();
    const agency = await this.organisation('agency');
    await this.database.query(
      `INSERT INTO directory.person (id, organisation_id, name, roles) VALUES ($1, $2, 'P', '{}')`,
      [person, agency],
    );
    await this.database.query(
      `INSERT INTO directory.proposal (id, action, subject, reason, proposed_by) VALUES ($1, 'stop', '{}', 'tested', $2)`,
      [id, person],
    );
    await this.database.query(`INSERT INTO directory.stop (id, scope, subject) VALUES ($1, $2, $3)`, [
      id,
      scope,
      subject,
    ]);
    return async () => {
      await this.database.query(`UPDATE directory.stop SET lifted_at = now() WHERE id = $1`, [id]);
    };
  }

  /** Waits until the feed of the channel has so many positions. */
  async fed(channel: string, positions: number, ms = 60_000): Promise<void> {
    await eventually(async () => {
      const [row] = await this.database.query<{ head: string }[]>(
        `SELECT head FROM feed.channel WHERE channel_id = $1`,
        [channel],
      );
      expect(Number(row?.head ?? 0)).toBe(positions);
    }, ms);
  }

  onClose(end: () => Promise<unknown>): void {
    this.closing.unshift(end);
  }

  async close(): Promise<void> {
    for (const end of this.closing) await end();
    await this.kafka.close();
    await this.database.query(`DROP ROLE "${this.testDatabase.name}"`);
    await this.database.destroy();
    await this.testDatabase.drop();
    await rm(this.keysDir, { recursive: true, force: true });
  }
}

/** Repeats the check until it passes, or fails as it last did. */
export async function eventually(check: () => Promise<void> | void, ms = 60_000): Promise<void> {
  const end = Date.now() + ms;
  for (;;) {
    try {
      return await check();
    } catch (thrown) {
      if (Date.now() > end) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
}
