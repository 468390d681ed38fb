import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { createMissingKeys, InternalSigner, makeApiKey, PeerClient, type InternalIssuer } from '#libs/access';
import { migrate, openDatabase, unpackFrames, type OrganisationKind, type Role } from '#libs/persistence';
import { createLogger, Health, Secret, startService, Telemetry, type RunningService } from '#libs/runtime';
import { createDatabase, type TestDatabase } from '#libs/testing';
import { IntakeConfig } from '../src/config.js';
import { defineIntake } from '../src/intake-service.js';
import { NormaliserStandIn } from './normaliser-stand-in.js';

/** Somebody with a key. */
export interface RigPerson {
  personId: string;
  organisationId: string;
  key: string;
}

/** Intake on a real PostgreSQL, with agencies and keys; the normaliser is a stand-in. */
export class IntakeRig {
  service!: RunningService;
  telemetry!: Telemetry;

  private constructor(
    readonly testDatabase: TestDatabase,
    readonly database: DataSource,
    readonly keysDir: string,
    readonly normaliser: NormaliserStandIn,
    private readonly settings: Partial<IntakeConfig>,
  ) {}

  static async start(settings: Partial<IntakeConfig> = {}): Promise<IntakeRig> {
    const testDatabase = await createDatabase('intake');
    await migrate(testDatabase.url);
    const database = await openDatabase({ url: testDatabase.url, connections: 3, applicationName: 'rig' }).initialize();
    const keysDir = await mkdtemp(join(tmpdir(), 'tocsin-keys-'));
    createMissingKeys(keysDir, new Date());
    const rig = new IntakeRig(testDatabase, database, keysDir, await NormaliserStandIn.start(keysDir), settings);
    await rig.startIntake();
    return rig;
  }

  /** Starts intake; again after {@link stopIntake}. */
  async startIntake(): Promise<void> {
    const config = Object.assign(new IntakeConfig(), {
      environment: 'test',
      databaseUrl: new Secret(this.testDatabase.url),
      keysDir: this.keysDir,
      normaliserUrl: this.normaliser.url,
      platformApiUrl: this.normaliser.url,
      port: 0,
      opsPort: 0,
      ...this.settings,
    });
    this.telemetry = new Telemetry('intake');
    const parts = { config, logger: createLogger('intake', 'fatal'), telemetry: this.telemetry, health: new Health() };
    this.service = await startService(await defineIntake(parts), parts);
  }

  async stopIntake(): Promise<void> {
    await this.service.stop();
  }

  async stop(): Promise<void> {
    await this.stopIntake();
    await this.normaliser.stop();
    await this.database.destroy();
    await this.testDatabase.drop();
    await rm(this.keysDir, { recursive: true });
  }

  get url(): string {
    return `http://127.0.0.1:${this.service.port}`;
  }

  async organisation(kind: OrganisationKind, name: string, defaultChannels: string[] = []): Promise<string> {
    const id = randomUUID();
    await this.database.query(
      `INSERT INTO directory.organisation (id, kind, name, country, platform_kind, default_channels) VALUES ($1, $2, $3, 'NO', $4, $5)`,
      [id, kind, name, kind === 'platform' ? 'forum' : null, defaultChannels],
    );
    return id;
  }

  async person(organisationId: string, role: Role): Promise<RigPerson> {
    const personId = randomUUID();
    const { id, key, secretHash } = makeApiKey();
    await this.database.query(
      'INSERT INTO directory.person (id, organisation_id, name, roles) VALUES ($1, $2, $3, $4)',
      [personId, organisationId, `${role} ${id}`, [role]],
    );
    await this.database.query('INSERT INTO directory.api_key (id, person_id, secret_hash) VALUES ($1, $2, $3)', [
      id,
      personId,
      secretHash,
    ]);
    return { personId, organisationId, key };
  }

  async channel(id: string, priority: 'ordinary' | 'emergency' = 'ordinary', state = 'open'): Promise<void> {
    await this.database.query(
      `INSERT INTO directory.channel (id, title, audience, highest_tlp, priority, state) VALUES ($1, $1, '{}', 'amber', $2, $3)`,
      [id, priority, state],
    );
  }

  /** A request with a person's key. */
  async call(
    person: RigPerson,
    method: string,
    path: string,
    body?: RequestInit['body'],
    headers: Record<string, string> = {},
  ): Promise<Reply> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      body,
      headers: { authorization: `Bearer ${person.key}`, ...headers },
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
    const text = await response.text();
    return {
      status: response.status,
      location: response.headers.get('location'),
      json: (text === '' ? {} : JSON.parse(text)) as Record<string, unknown>,
    };
  }

  /** Intake as another service asks it. */
  peer(self: InternalIssuer): PeerClient {
    return new PeerClient(this.url, 'intake', InternalSigner.open(this.keysDir, self));
  }

  /** The way from intake to the stand-in. */
  normaliserClient(): PeerClient {
    return new PeerClient(this.normaliser.url, 'normaliser', InternalSigner.open(this.keysDir, 'intake'));
  }

  /** The whole document of a submission, as the normaliser would read it. */
  async document(id: string): Promise<Buffer> {
    const [row] = await this.database.query<{ parts: number }[]>('SELECT parts FROM intake.submission WHERE id = $1', [
      id,
    ]);
    const peer = this.peer('normaliser');
    const parts: Buffer[] = [];
    for (let seq = 0; seq < (row?.parts ?? 0); seq += 1) {
      parts.push(await peer.bytes('GET', `/internal/submissions/${id}/parts/${seq}`));
    }
    return Buffer.concat(parts);
  }

  /** What was said beside a document, as the normaliser would read it. */
  parameters(id: string): Promise<Record<string, unknown>> {
    return this.peer('normaliser').request('GET', `/internal/submissions/${id}/parameters`);
  }

  /** What intake told the normaliser, oldest first. */
  async outbox(): Promise<
    { lane: number; topic: string; key: string; headers: Record<string, string>; event: Record<string, unknown> }[]
  > {
    const rows = await this.database.query<{ lane: number; topic: string; frames: Buffer }[]>(
      'SELECT lane, topic, frames FROM intake.outbox ORDER BY id',
    );
    return rows.flatMap(({ lane, topic, frames }) =>
      unpackFrames(frames).map(({ key, headers, value }) => ({
        lane,
        topic,
        key,
        headers,
        event: JSON.parse(value.toString()) as Record<string, unknown>,
      })),
    );
  }

  /** How many rows there are of everything that a submission leaves behind. */
  async leftBehind(): Promise<Record<string, number>> {
    const [row] = await this.database.query<Record<string, string>[]>(
      `SELECT (SELECT count(*) FROM intake.upload) AS uploads, (SELECT count(*) FROM intake.part) AS parts,
              (SELECT count(*) FROM intake.submission) AS submissions, (SELECT count(*) FROM intake.submission_key) AS keys,
              (SELECT count(*) FROM intake.outbox) AS records, (SELECT count(*) FROM intake.audit) AS audit`,
    );
    return Object.fromEntries(Object.entries(row ?? {}).map(([name, count]) => [name, Number(count)]));
  }
}

export interface Reply {
  status: number;
  location: string | null;
  json: Record<string, unknown>;
}
