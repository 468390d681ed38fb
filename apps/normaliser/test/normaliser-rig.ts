import { createHash, randomUUID } from 'node:crypto';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { DataSource } from 'typeorm';
import { createMissingKeys, InternalSigner, PeerClient, type Principal } from '#libs/access';
import {
  FEEDBACK_TOPIC,
  FEEDBACK_TOPIC_PLAN,
  SUBMISSIONS_TOPIC,
  SUBMISSIONS_TOPIC_PLAN,
  type SubmissionAccepted,
} from '#libs/events';
import { createKafkaClient, toRecordParts, type KafkaClient } from '#libs/messaging';
import { migrate, openDatabase, unpackFrames } from '#libs/persistence';
import { createLogger, Health, Secret, startService, Telemetry, type RunningService } from '#libs/runtime';
import { createDatabase, sharedAddresses, type TestDatabase } from '#libs/testing';
import { NormaliserConfig } from '../src/config.js';
import { defineNormaliser } from '../src/normaliser-service.js';

/** An agency of the rig with two people. */
export interface RigAgency {
  id: string;
  officer: Principal;
  approver: Principal;
}

/** Threads run what was built, not the sources. */
const READING_THREAD = new URL('../../../dist/apps/normaliser/src/read-documents/reading-thread.js', import.meta.url);
const PART_BYTES = 1024 * 1024;

/**
 * One rig at a time: all of them read the one topic of submissions in the one group, and would work on each other's.
 * @returns the connection that holds the turn until it ends
 */
async function takeTurn(postgresUrl: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: postgresUrl, application_name: 'normaliser-rig' });
  await client.connect();
  await client.query(`SELECT pg_advisory_lock(hashtext('normaliser-rig'))`);
  return client;
}

/** A normaliser on real PostgreSQL and Kafka; the bytes of submissions come from a small server in intake's place. */
export class NormaliserRig {
  readonly documents = new Map<string, Buffer>();
  readonly parameters = new Map<string, object>();
  readonly spills: string[] = [];
  /** How many more reports of a spill are carried out, and their answers lost. */
  lostAnswers = 0;
  /** Documents of which intake gives out nothing until the promise is kept, and those that were asked for. */
  readonly heldBack = new Map<string, Promise<void>>();
  readonly asked = new Set<string>();
  private readonly intake: Server;

  private constructor(
    readonly testDatabase: TestDatabase,
    readonly database: DataSource,
    readonly kafka: KafkaClient,
    private readonly keysDir: string,
    private readonly turn: pg.Client,
  ) {
    this.intake = createServer((request, response) => void this.serveBytes(request.url ?? '', response));
  }

  service!: RunningService;
  normaliser!: PeerClient;
  /** The normaliser as platform-api asks it. */
  forPlatforms!: PeerClient;
  /** As the console asks. */
  forOperators!: PeerClient;

  static async start(): Promise<NormaliserRig> {
    const addresses = await sharedAddresses();
    const turn = await takeTurn(addresses.postgresUrl);
    const testDatabase = await createDatabase('normaliser');
    await migrate(testDatabase.url);
    const database = await openDatabase({ url: testDatabase.url, connections: 4, applicationName: 'rig' }).initialize();
    const { bootstrap, adminUser, adminPassword } = addresses.kafka;
    const logger = createLogger('rig', 'warn');
    const sasl = { mechanism: 'scram-sha-512' as const, username: adminUser, password: adminPassword };
    const kafka = createKafkaClient({ brokers: [bootstrap], clientId: 'rig', sasl }, { logger });
    for (const plan of [SUBMISSIONS_TOPIC_PLAN, FEEDBACK_TOPIC_PLAN]) await kafka.admin().ensureTopic(plan);
    const keysDir = await mkdtemp(join(tmpdir(), 'tocsin-keys-'));
    createMissingKeys(keysDir, new Date());
    const rig = new NormaliserRig(testDatabase, database, kafka, keysDir, turn);
    await new Promise<void>((resolve) => rig.intake.listen(0, '127.0.0.1', resolve));
    await rig.startNormaliser(bootstrap, adminUser, adminPassword);
    return rig;
  }

  private async startNormaliser(bootstrap: string, username: string, password: string): Promise<void> {
    const config = Object.assign(new NormaliserConfig(), {
      environment: 'test',
      port: 0,
      opsPort: 0,
      databaseUrl: new Secret(this.testDatabase.url),
      keysDir: this.keysDir,
      kafkaBrokers: [bootstrap],
      kafkaUsername: username,
      kafkaPassword: new Secret(password),
      intakeUrl: `http://127.0.0.1:${(this.intake.address() as AddressInfo).port}`,
      chunkItems: 100,
    });
    const parts = {
      config,
      logger: createLogger('normaliser', 'warn'),
      telemetry: new Telemetry('normaliser'),
      health: new Health(),
    };
    this.service = await startService(await defineNormaliser(parts, READING_THREAD), parts);
    const signer = InternalSigner.open(this.keysDir, 'intake');
    const url = `http://127.0.0.1:${this.service.port}`;
    this.normaliser = new PeerClient(url, 'normaliser', signer);
    this.forOperators = new PeerClient(url, 'normaliser', InternalSigner.open(this.keysDir, 'console'));
    this.forPlatforms = new PeerClient(url, 'normaliser', InternalSigner.open(this.keysDir, 'platform-api'));
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.kafka.close();
    await this.database.destroy();
    await new Promise((resolve) => this.intake.close(resolve));
    await this.testDatabase.drop();
    await this.turn.end();
    await rm(this.keysDir, { recursive: true });
  }

  /** An agency with one desk, an officer and an approver. */
  async agency(
    name: string,
    country: string,
    defaults: object = {},
    channels: string[] = ['everyone'],
  ): Promise<RigAgency> {
    const id = randomUUID();
    await this.database.query(
      `INSERT INTO directory.organisation (id, kind, name, country, desks, defaults, default_channels) VALUES ($1, 'agency', $2, $3, $4, $5, $6)`,
      [
        id,
        name,
        country,
        JSON.stringify([{ id: 'desk', name: `${name} desk`, email: 'desk@agency.example' }]),
        JSON.stringify(defaults),
        channels,
      ],
    );
    const person = (role: 'officer' | 'approver'): Principal => ({
      personId: randomUUID(),
      organisationId: id,
      organisationKind: 'agency',
      organisationName: name,
      country,
      roles: [role],
      keyId: 'rig',
    });
    return { id, officer: person('officer'), approver: person('approver') };
  }

  async platform(name: string, country: string): Promise<string> {
    const id = randomUUID();
    await this.database.query(
      `INSERT INTO directory.organisation (id, kind, name, country, platform_kind) VALUES ($1, 'platform', $2, $3, 'forum')`,
      [id, name, country],
    );
    return id;
  }

  async channel(id: string, audience: object = {}, priority = 'ordinary', highestTlp = 'amber+strict'): Promise<void> {
    await this.database.query(
      'INSERT INTO directory.channel (id, title, audience, highest_tlp, priority) VALUES ($1, $1, $2, $3, $4) ON CONFLICT DO NOTHING',
      [id, JSON.stringify(audience), highestTlp, priority],
    );
  }

  /** Stops publishing, as two operators decide. */
  async stopPublishing(agency: RigAgency, scope: 'agency' | 'everything' = 'agency'): Promise<void> {
    const [id, personId] = [randomUUID(), randomUUID()];
    await this.database.query(
      `INSERT INTO directory.person (id, organisation_id, name, roles) VALUES ($1, $2, $3, '{operator}')`,
      [personId, agency.id, `operator ${personId}`],
    );
    await this.database.query(
      `INSERT INTO directory.proposal (id, action, subject, reason, proposed_by) VALUES ($1, 'stop', '{}', 'x', $2)`,
      [id, personId],
    );
    await this.database.query('INSERT INTO directory.stop (id, scope, subject) VALUES ($1, $2, $3)', [
      id,
      scope,
      scope === 'agency' ? agency.id : null,
    ]);
  }

  /** Puts a submission on the topic as intake would. @returns its id */
  async submit(
    agency: RigAgency,
    document: string | Buffer,
    parameters: object,
    more: Partial<SubmissionAccepted> = {},
    prepare: (id: string) => void = () => undefined,
  ): Promise<string> {
    const id = randomUUID();
    prepare(id);
    const bytes = Buffer.from(document);
    this.documents.set(id, bytes);
    this.parameters.set(id, parameters);
    const event: SubmissionAccepted = {
      submission_id: id,
      kind: 'advisory',
      agency_id: agency.id,
      person_id: agency.officer.personId,
      format: 'value-list',
      sha256: createHash('sha256').update(bytes).digest('hex'),
      bytes: bytes.length,
      lane: 1,
      received_at: new Date().toISOString(),
      ...more,
    };
    const { headers, value } = toRecordParts({
      id,
      source: '/tocsin/intake',
      type: 'tocsin.submission.accepted',
      datacontenttype: 'application/json',
      data: Buffer.from(JSON.stringify(event)),
    });
    await this.kafka.producer().send([{ topic: SUBMISSIONS_TOPIC, records: [{ key: id, headers, value }] }]);
    return id;
  }

  /** Puts a platform's dispute on the topic as platform-api would. @returns its id */
  async dispute(
    platformId: string,
    channel: string,
    rowId: string,
    reason: string,
    id: string = randomUUID(),
  ): Promise<string> {
    return this.answer(platformId, { kind: 'dispute', channel, row_id: rowId, reason }, id);
  }

  /** Puts an answer of a platform on the topic as platform-api would. @returns its id */
  async answer(
    platformId: string,
    feedback: { row_id: string; [field: string]: unknown },
    id: string = randomUUID(),
  ): Promise<string> {
    const event = { feedback_id: id, platform_id: platformId, received_at: new Date().toISOString(), feedback };
    const { headers, value } = toRecordParts({
      id,
      source: '/tocsin/platform-api',
      type: 'tocsin.feedback.given',
      datacontenttype: 'application/json',
      data: Buffer.from(JSON.stringify(event)),
    });
    await this.kafka.producer().send([{ topic: FEEDBACK_TOPIC, records: [{ key: feedback.row_id, headers, value }] }]);
    return id;
  }

  /** What intake does when the bytes of a submission are destroyed. */
  destroy(id: string): void {
    this.documents.delete(id);
    this.parameters.delete(id);
  }

  /** Waits until a submission has one of these states. @returns its story */
  async story(
    principal: Principal,
    id: string,
    states = ['settled', 'held', 'refused', 'failed'],
  ): Promise<Record<string, unknown> & { state: string; counts: Record<string, number> }> {
    const until = Date.now() + 30_000;
    for (;;) {
      const story = await this.normaliser
        .request<Record<string, unknown> & { state: string; counts: Record<string, number> }>(
          'GET',
          `/internal/submissions/${id}`,
          { principal },
        )
        .catch(() => undefined);
      if (story && states.includes(story.state)) return story;
      if (Date.now() > until) throw new Error(`the submission is ${story?.state ?? 'unknown'} after 30 s`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Records in the outbox of a channel, in order. */
  async records(channelId: string): Promise<Record<string, unknown>[]> {
    const rows = await this.database.query<{ frames: Buffer }[]>(
      'SELECT frames FROM normaliser.outbox WHERE topic = $1 ORDER BY id',
      [`tocsin.channel.${channelId}.v1`],
    );
    return rows.flatMap(({ frames }) =>
      unpackFrames(frames).map(({ value }) => JSON.parse(value.toString()) as Record<string, unknown>),
    );
  }

  /** Everything published on a channel about the row of a signal, in order. */
  async rowsOf(channelId: string, value: string): Promise<Record<string, unknown>[]> {
    const records = await this.records(channelId);
    const row = records.find(({ signal }) => (signal as { value?: string } | undefined)?.value === value);
    return records.filter(({ row_id }) => row && row_id === row.row_id);
  }

  private async serveBytes(url: string, response: ServerResponse): Promise<void> {
    const [, id, action, seq] =
      /^\/internal\/submissions\/([^/]+)\/(parts|spill|parameters)(?:\/(\d+))?$/.exec(url) ?? [];
    if (id && action === 'parts') {
      this.asked.add(id);
      await this.heldBack.get(id);
    }
    const document = this.documents.get(id ?? '');
    if (action === 'spill' && id) {
      this.spills.push(id);
      this.destroy(id);
      if (this.lostAnswers-- > 0) response.destroy();
      else response.end('{}');
    } else if (document && action === 'parameters') {
      response.end(JSON.stringify(this.parameters.get(id ?? '')));
    } else if (document && seq) {
      response.end(document.subarray(Number(seq) * PART_BYTES, (Number(seq) + 1) * PART_BYTES));
    } else response.writeHead(410).end('{"code":"TOC_SUBMISSION_PURGED","detail":"destroyed"}');
  }
}

/** Parameters that leave nothing open. */
export const COMPLETE = {
  harm: ['tvec'],
  context: 'perpetrator-produced',
  legal_basis: 'Example Act 2019, section 4',
  nature: 'information',
  origin: 'own-finding',
  valid_for: 30,
  contact_desk: 'desk',
  tlp: 'green',
};
