import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import { createMissingKeys } from '#libs/access';
import { migrate, openDatabase, type Role } from '#libs/persistence';
import { createLogger, Health, loadConfig, startService, Telemetry, type RunningService } from '#libs/runtime';
import { createDatabase, sharedAddresses, uniqueName, type TestAddresses, type TestDatabase } from '#libs/testing';
import { ConsoleConfig } from '../src/config.js';
import { defineConsole } from '../src/console-service.js';
import { makeLoginRoles } from '../src/open-exchange/login-roles.js';
import { openExchange } from '../src/open-exchange/open-exchange.js';
import { PeerStandIn } from './peer-stand-in.js';

/** Somebody with a key. */
export interface Actor {
  personId: string;
  organisationId: string;
  keyId: string;
  key: string;
}

/** Any text, and any text of a form; matchers of Jest, whose own types say nothing. */
export const anyText: unknown = expect.any(String);
export const textLike = (pattern: RegExp): unknown => expect.stringMatching(pattern);

/** What answers may tell, as far as specs look into it. */
export interface Told {
  [name: string]: unknown;
  id: string;
  key: string;
  code: string;
  detail: string;
  state: string;
  expires_at: string;
  replaced: { state: string; expires_at: string };
  hand_over: Record<string, string>;
  revision: number;
  public_keys?: string[];
  public_key_ids?: string[];
  username: string;
  password: string;
  topic: string;
  group_prefix: string;
  defaults: object;
  settings?: object;
  keys: { id: string }[];
  channels: { id: string }[];
  proposals: { id: string }[];
  outcome: Record<string, unknown>;
  list_change?: object;
  protected_lists: object[];
  subscriptions: Told[];
  rows: { id: string }[];
}

/** An answer of the console. */
export interface Answered {
  status: number;
  headers: Headers;
  body: Told;
}

type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/** A console on a database of its own, logged in with its own narrow role, with two operators. */
export class ConsoleRig {
  readonly peers = new PeerStandIn();
  readonly keysDir: string;
  operators!: [Actor, Actor];
  addresses!: TestAddresses;
  /** The owner's view, for looking behind the API. */
  database!: DataSource;
  telemetry!: Telemetry;
  private testDatabase!: TestDatabase;
  private service!: RunningService;
  private config!: ConsoleConfig;

  private constructor(private readonly folder: string) {
    this.keysDir = join(folder, 'keys');
  }

  static async start(environment: Record<string, string> = {}): Promise<ConsoleRig> {
    const rig = new ConsoleRig(await mkdtemp(join(tmpdir(), 'tocsin-console-')));
    await rig.prepare(environment);
    await rig.startService();
    return rig;
  }

  private async prepare(environment: Record<string, string>): Promise<void> {
    createMissingKeys(this.keysDir, new Date());
    this.addresses = await sharedAddresses();
    this.testDatabase = await createDatabase('console');
    const { url } = this.testDatabase;
    await migrate(url);
    this.database = openDatabase({ url, connections: 2, applicationName: 'console-rig' });
    await this.database.initialize();
    const roles = await makeLoginRoles(this.database, url, join(this.folder, 'roles.json'), uniqueName('t'));
    await this.open();
    const { kafka } = this.addresses;
    this.config = loadConfig(ConsoleConfig, {
      TOCSIN_ENVIRONMENT: 'test',
      TOCSIN_PORT: '0',
      TOCSIN_OPS_PORT: '0',
      TOCSIN_DATABASE_URL: roles.console.url,
      TOCSIN_KEYS_DIR: this.keysDir,
      TOCSIN_KAFKA_BROKERS: kafka.bootstrap,
      TOCSIN_KAFKA_USERNAME: kafka.adminUser,
      TOCSIN_KAFKA_PASSWORD: kafka.adminPassword,
      TOCSIN_INTAKE_URL: await this.peers.start('intake', this.keysDir),
      TOCSIN_NORMALISER_URL: await this.peers.start('normaliser', this.keysDir),
      TOCSIN_PLATFORM_API_URL: await this.peers.start('platform-api', this.keysDir),
      TOCSIN_DELIVERY_URL: await this.peers.start('delivery', this.keysDir),
      TOCSIN_EGRESS_EXCEPTIONS: '127.0.0.1:*',
      TOCSIN_EGRESS_ALLOW_HTTP: 'true',
      ...environment,
    });
  }

  private async open(): Promise<void> {
    const file = join(this.folder, 'operators.json');
    const given = { organisation: 'Operators', country: 'ZZ', people: ['operator-1', 'operator-2'] };
    await openExchange(this.database, given, file);
    const { organisation_id, operators } = JSON.parse(await readFile(file, 'utf8')) as {
      organisation_id: string;
      operators: { person_id: string; key_id: string; key: string }[];
    };
    const [one, two] = operators.map(({ person_id, key_id, key }) => ({
      personId: person_id,
      organisationId: organisation_id,
      keyId: key_id,
      key,
    }));
    if (!one || !two) throw new Error('an exchange opens with two operators');
    this.operators = [one, two];
  }

  async startService(): Promise<void> {
    const logger = createLogger('console', process.env.TOCSIN_TEST_LOG ?? 'silent');
    this.telemetry = new Telemetry('console');
    const parts = { config: this.config, logger, telemetry: this.telemetry, health: new Health() };
    this.service = await startService(await defineConsole(parts), parts);
  }

  async stopService(): Promise<void> {
    await this.service.stop();
  }

  async stop(): Promise<void> {
    await this.stopService();
    await this.peers.stop();
    await this.database.destroy();
    await this.testDatabase.drop();
    await rm(this.folder, { recursive: true, force: true });
  }

  /** Calls the console with somebody's key, or with none. */
  async call(by: Pick<Actor, 'key'> | undefined, method: Method, path: string, json?: unknown): Promise<Answered> {
    const response = await fetch(`http://127.0.0.1:${this.service.port}${path}`, {
      method,
      headers: {
        ...(by && { authorization: `Bearer ${by.key}` }),
        ...(json !== undefined && { 'content-type': 'application/json' }),
      },
      ...(json !== undefined && { body: JSON.stringify(json) }),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: JSON.parse(text || '{}') as Told };
  }

  /** Calls as the first operator and insists on success. */
  async operate(method: Method, path: string, json?: unknown): Promise<Told> {
    const { status, body } = await this.call(this.operators[0], method, path, json);
    if (status >= 300) throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  async admitOrganisation(kind: 'agency' | 'platform' | 'oversight', more: object = {}): Promise<string> {
    const given = {
      kind,
      name: uniqueName(kind),
      country: 'NO',
      ...(kind === 'platform' && { platform_kind: 'video' }),
      ...more,
    };
    return (await this.operate('POST', '/v1/organisations', given)).id;
  }

  /** Admits a person with these roles and issues a key. */
  async admitPerson(organisationId: string, ...roles: Role[]): Promise<Actor> {
    const path = `/v1/organisations/${organisationId}/people`;
    const { id: personId } = await this.operate('POST', path, { name: uniqueName('person'), roles });
    return { personId, organisationId, ...(await this.issueKey(personId)) };
  }

  /** A key that two operators issue together. */
  async issueKey(personId: string, more: object = {}): Promise<Pick<Actor, 'keyId' | 'key'>> {
    const { key, outcome } = await this.decide('issue-key', { person: personId, ...more });
    return { keyId: String(outcome.key), key };
  }

  /** Proposed by the first operator and confirmed by the second, both with success. */
  async decide(action: string, subject: object, more: object = {}): Promise<Told> {
    const proposal = await this.operate('POST', '/v1/proposals', { action, subject, reason: 'for this test', ...more });
    const path = `/v1/proposals/${proposal.id}/confirmation`;
    const { status, body } = await this.call(this.operators[1], 'POST', path);
    if (status >= 300) throw new Error(`POST ${path} answered ${status}: ${JSON.stringify(body)}`);
    return body;
  }

  /** A new organisation with one person of these roles. */
  async admit(kind: 'agency' | 'platform' | 'oversight', roles: Role[], more: object = {}): Promise<Actor> {
    return this.admitPerson(await this.admitOrganisation(kind, more), ...roles);
  }

  /** Opens a channel; everybody may read it unless a rule is given. */
  async openChannel(audience: object = {}, more: object = {}): Promise<string> {
    const id = uniqueName('channel');
    await this.operate('POST', '/v1/channels', { id, title: `Channel ${id}`, audience, highest_tlp: 'amber', ...more });
    return id;
  }

  /** The figure of a metric without labels of its own. */
  async figure(name: string): Promise<number> {
    const { text } = await this.telemetry.scrape();
    return Number(new RegExp(`^${name}{[^}]*} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  }

  /** Looks behind the API, as the owner of the database. */
  async rows<Row extends object>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.database.query<Row[]>(sql, parameters);
  }

  /** Audit rows of the directory about one subject, oldest first. */
  async auditOf(subject: string): Promise<{ actor: string; action: string; reason: string | null; detail: string }[]> {
    return this.rows('SELECT actor, action, reason, detail FROM directory.audit WHERE subject = $1 ORDER BY id', [
      subject,
    ]);
  }
}
