import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { createMissingKeys, InternalSigner, makeApiKey, type Principal } from '#libs/access';
import type { AudienceRule } from '#libs/domain';
import type { RecordToSend } from '#libs/messaging';
import { migrate, openDatabase, type SubscriptionFilter } from '#libs/persistence';
import { createLogger, Health, loadConfig, startService, Telemetry, type RunningService } from '#libs/runtime';
import { createDatabase, uniqueName, writeAtOnce, type TestDatabase } from '#libs/testing';
import { PlatformApiConfig } from '../src/config.js';
import { NormaliserStandIn } from './normaliser-stand-in.js';
import { definePlatformApi } from '../src/platform-api-service.js';

/** A platform that fetches, with the key of somebody there. */
export interface RigPlatform {
  id: string;
  personId: string;
  key: string;
  subscriptionId: string;
}

/** A line of a feed, as far as specs look into it. */
export interface Line {
  type: string;
  row_id: string;
  version: number;
  reason?: string;
  cursor: string;
  more: boolean;
  revision: number;
  content_withheld?: string;
  [name: string]: unknown;
}

/** An answer in lines: the records, and the last cursor. */
export interface Fetched {
  status: number;
  headers: Headers;
  records: Line[];
  end: Line;
  cursors: Line[];
  problem: { code: string };
}

/** platform-api on a database of its own with its own narrow rights, and a feed that specs write. */
export class PlatformRig {
  database!: DataSource;
  private testDatabase!: TestDatabase;
  private service!: RunningService;
  private keysDir!: string;
  /** The database as the service itself may use it. */
  ownUrl = '';
  readonly normaliser = new NormaliserStandIn();
  /** Every line that the service logged, however unimportant. */
  readonly logged: string[] = [];

  static async start(): Promise<PlatformRig> {
    const rig = new PlatformRig();
    rig.testDatabase = await createDatabase('platform');
    await migrate(rig.testDatabase.url);
    rig.database = openDatabase({ url: rig.testDatabase.url, connections: 3, applicationName: 'platform-rig' });
    await rig.database.initialize();
    const { name } = rig.testDatabase;
    await rig.database.query(`CREATE ROLE "${name}" LOGIN PASSWORD 'platform' IN ROLE tocsin_platform_api`);
    rig.keysDir = await mkdtemp(join(tmpdir(), 'tocsin-keys-'));
    createMissingKeys(rig.keysDir, new Date());
    const url = new URL(rig.testDatabase.url);
    Object.assign(url, { username: name, password: 'platform' });
    rig.ownUrl = url.href;
    const config = loadConfig(PlatformApiConfig, {
      ...{ TOCSIN_ENVIRONMENT: 'test', TOCSIN_PORT: '0', TOCSIN_OPS_PORT: '0', TOCSIN_LOG_LEVEL: 'debug' },
      ...{ TOCSIN_DATABASE_URL: url.href, TOCSIN_KEYS_DIR: rig.keysDir, TOCSIN_READS_OF_A_PLATFORM: '3' },
      TOCSIN_NORMALISER_URL: await rig.normaliser.start(rig.keysDir),
      ...{ TOCSIN_FEEDBACK_A_DAY: '2500', TOCSIN_DISPUTES_A_DAY: '5' },
      ...{ TOCSIN_CHALLENGES_A_DAY: '60', TOCSIN_CHALLENGES_OF_AN_ADDRESS: '12', TOCSIN_PROXIES: '1' },
    });
    const logger = createLogger('platform-api', config.logLevel, { write: (line) => rig.log(line) });
    const parts = { config, logger, telemetry: new Telemetry('platform-api'), health: new Health() };
    rig.service = await startService(await definePlatformApi(parts), parts);
    return rig;
  }

  async stop(): Promise<void> {
    await this.service.stop();
    await this.normaliser.stop();
    await this.database.query(`DROP ROLE "${this.testDatabase.name}"`);
    await this.database.destroy();
    await this.testDatabase.drop();
    await rm(this.keysDir, { recursive: true, force: true });
  }

  private log(line: string): void {
    this.logged.push(line);
    if (line.startsWith('{"level":"error"')) process.stdout.write(line);
  }

  /** Where the keys of the services are. */
  get keys(): string {
    return this.keysDir;
  }

  get url(): string {
    return `http://127.0.0.1:${this.service.port}`;
  }

  /** What the service measures, as text. */
  async metrics(): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.service.opsPort}/metrics`)).text();
  }

  async channel(audience: AudienceRule = {}): Promise<string> {
    const id = uniqueName('channel');
    await this.database.query(
      `INSERT INTO directory.channel (id, title, audience, highest_tlp, priority) VALUES ($1, $1, $2, 'red', 'ordinary')`,
      [id, audience],
    );
    return id;
  }

  async platform(
    channels: readonly string[],
    filter: SubscriptionFilter = {},
    country = 'NL',
    connector = 'feed',
  ): Promise<RigPlatform> {
    const [id, personId, subscriptionId] = [randomUUID(), randomUUID(), randomUUID()];
    const { id: keyId, key, secretHash } = makeApiKey();
    await this.database.query(
      `INSERT INTO directory.organisation (id, kind, name, country, platform_kind, standing, receives_csea)
       VALUES ($1, 'platform', $2, $3, 'video', 'full', true)`,
      [id, uniqueName('platform'), country],
    );
    await this.database.query(
      `INSERT INTO directory.person (id, organisation_id, name, roles) VALUES ($1, $2, 'P', '{analyst}')`,
      [personId, id],
    );
    await this.database.query('INSERT INTO directory.api_key (id, person_id, secret_hash) VALUES ($1, $2, $3)', [
      ...[keyId, personId, secretHash],
    ]);
    await this.database.query(
      `INSERT INTO directory.subscription (id, platform_id, connector, channels, filter, settings, sealed_secrets)
       VALUES ($1, $2, $5, $3, $4, '{}', '')`,
      [subscriptionId, id, channels, filter, connector],
    );
    return { id, personId, key, subscriptionId };
  }

  /** An officer of an agency. */
  async agency(): Promise<Pick<RigPlatform, 'id' | 'personId' | 'key'>> {
    const [id, personId] = [randomUUID(), randomUUID()];
    const { id: keyId, key, secretHash } = makeApiKey();
    await this.database.query(
      `INSERT INTO directory.organisation (id, kind, name, country) VALUES ($1, 'agency', $2, 'NZ')`,
      [id, uniqueName('agency')],
    );
    await this.database.query(
      `INSERT INTO directory.person (id, organisation_id, name, roles) VALUES ($1, $2, 'A', '{officer}')`,
      [personId, id],
    );
    await this.database.query('INSERT INTO directory.api_key (id, person_id, secret_hash) VALUES ($1, $2, $3)', [
      ...[keyId, personId, secretHash],
    ]);
    return { id, personId, key };
  }

  /** Changes a subscription as the console does. */
  async change(platform: RigPlatform, assignments: string, ...parameters: unknown[]): Promise<void> {
    await this.database.query(`UPDATE directory.subscription SET ${assignments}, changed_at = now() WHERE id = $1`, [
      platform.subscriptionId,
      ...parameters,
    ]);
  }

  /** Changes what a platform is admitted to, and delivers anew, as the console does. */
  async admit(platform: RigPlatform, assignments: string): Promise<void> {
    await this.database.query(`UPDATE directory.organisation SET ${assignments} WHERE id = $1`, [platform.id]);
    await this.change(platform, 'revision = revision + 1');
  }

  /** Stops publishing of an agency; returns what lifts the stop. */
  stopAgency(agency: string): Promise<() => Promise<unknown>> {
    return this.stopPublishing('agency', agency);
  }

  stopChannel(channel: string): Promise<() => Promise<unknown>> {
    return this.stopPublishing('channel', channel);
  }

  private async stopPublishing(scope: 'agency' | 'channel', subject: string): Promise<() => Promise<unknown>> {
    const [person, operator, proposal] = [randomUUID(), randomUUID(), randomUUID()];
    await this.database.query(
      `INSERT INTO directory.organisation (id, kind, name, country) VALUES ($1, 'operator', $2, 'NL')`,
      [operator, uniqueName('operator')],
    );
    await this.database.query(
      `INSERT INTO directory.person (id, organisation_id, name, roles) VALUES ($1, $2, 'O', '{}')`,
      [person, operator],
    );
    await this.database.query(
      `INSERT INTO directory.proposal (id, action, subject, reason, proposed_by) VALUES ($1, 'stop', '{}', 'tested', $2)`,
      [proposal, person],
    );
    await this.database.query(`INSERT INTO directory.stop (id, scope, subject) VALUES ($1, $3, $2)`, [
      ...[proposal, subject, scope],
    ]);
    return () => this.database.query('UPDATE directory.stop SET lifted_at = now() WHERE id = $1', [proposal]);
  }

  async write(channel: string, records: readonly RecordToSend[]): Promise<void> {
    await writeAtOnce(this.database, channel, records);
  }

  async fetch(
    { key }: Pick<RigPlatform, 'key'>,
    path: string,
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Response> {
    const target = new URL(path, this.url);
    target.search = new URLSearchParams(query).toString();
    return fetch(target, { headers: { authorization: `Bearer ${key}`, ...headers } });
  }

  /** Another method than GET. */
  async send({ key }: Pick<RigPlatform, 'key'>, method: string, path: string, body: string): Promise<Response> {
    const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/taxii+json;version=2.1' };
    return fetch(new URL(path, this.url), { method, body, headers });
  }

  /** What the console asks for somebody. @returns status and body */
  async asConsole(
    principal: Principal,
    path: string,
    json?: object,
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const token = await InternalSigner.open(this.keysDir, 'console').sign('platform-api', principal);
    const answer = await fetch(new URL(path, this.url), {
      method: json ? 'POST' : 'GET',
      headers: { authorization: `Bearer ${token}`, ...(json && { 'content-type': 'application/json' }) },
      ...(json && { body: JSON.stringify(json) }),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** Posts JSON. @returns status and body */
  async post(
    { key }: Pick<RigPlatform, 'key'>,
    path: string,
    body: unknown,
    headers: Record<string, string> = {},
  ): Promise<{ status: number; body: Record<string, unknown> }> {
    const answer = await fetch(new URL(path, this.url), {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
  }

  /** The lines of an answer. */
  async lines(
    platform: Pick<RigPlatform, 'key'>,
    path: string,
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Fetched> {
    const answer = await this.fetch(platform, path, query, headers);
    const text = await answer.text();
    const all =
      answer.status === 200
        ? text
            .trimEnd()
            .split('\n')
            .map((line) => JSON.parse(line) as Line)
        : [];
    const cursors = all.filter(({ type }) => type === 'cursor');
    return {
      ...{ status: answer.status, headers: answer.headers, cursors },
      records: all.filter(({ type }) => type !== 'cursor'),
      end: cursors.at(-1) ?? ({} as Line),
      problem: answer.status >= 400 ? (JSON.parse(text) as { code: string }) : { code: '' },
    };
  }

  changes(
    platform: Pick<RigPlatform, 'key'>,
    channel: string,
    query: Record<string, string> = {},
    headers: Record<string, string> = {},
  ): Promise<Fetched> {
    return this.lines(platform, `/v1/channels/${channel}/changes`, query, headers);
  }
}
