import { randomBytes } from 'node:crypto';
import { mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type pg from 'pg';
import type { EmbeddedKafka, EmbeddedPostgres } from '#libs/embedded';

// What starts and asks servers is loaded when first needed: the contract suites come through the same door and need none.
const embedded = (): Promise<typeof import('#libs/embedded')> => import('#libs/embedded');
const postgres = async (): Promise<typeof pg> => (await import('pg')).default;

/** Where a test finds its PostgreSQL and Kafka, and with which accounts. */
export interface TestAddresses {
  /** Connection string of the superuser. */
  postgresUrl: string;
  kafka: { bootstrap: string; adminUser: string; adminPassword: string };
  /** For specs that start a broker of their own: the jars, and the Java command. */
  jarsDir: string;
  java: string;
}

/** A PostgreSQL and a Kafka for tests, owned by this process. */
export interface TestInfrastructure {
  readonly addresses: TestAddresses;
  readonly postgres: EmbeddedPostgres;
  readonly kafka: EmbeddedKafka;
  /** Stops Kafka, then PostgreSQL; the folder stays. */
  stop(): Promise<void>;
}

/** A database of one spec. */
export interface TestDatabase {
  readonly name: string;
  /** Connection string of the superuser in this database. */
  readonly url: string;
  /** Removes it, closing the connections that are left. */
  drop(): Promise<void>;
}

/**
 * Starts both servers side by side on free ports, with data below `directory` and random passwords. Nothing is flushed to
 * disk (durability `test`), which a killed process survives and a power cut does not.
 * A spec that stops or kills a server starts its own; every other spec uses the shared one, {@link sharedAddresses}.
 */
export async function startTestInfrastructure(options: {
  directory: string;
  jarsDir: string;
  java?: string;
  log?: (sentence: string) => void;
}): Promise<TestInfrastructure> {
  const { directory, ...kafkaOptions } = options;
  const { freePort, startKafka, startPostgres, stopInOrder } = await embedded();
  const adminPassword = randomBytes(18).toString('base64url');
  const [port, kafkaPort, controllerPort] = [await freePort(), await freePort(), await freePort()];
  const starts = await Promise.allSettled([
    startPostgres({
      dataDir: join(directory, 'postgres'),
      port,
      superuserPassword: randomBytes(18).toString('base64url'),
      durability: 'test',
      log: options.log,
    }),
    startKafka({
      ...kafkaOptions,
      dataDir: join(directory, 'kafka'),
      port: kafkaPort,
      controllerPort,
      adminUser: 'admin',
      adminPassword,
      overrides: { 'broker.session.timeout.ms': 3000, 'broker.heartbeat.interval.ms': 500 },
    }),
  ]);
  const [postgres, kafka] = starts;
  if (postgres.status === 'rejected' || kafka.status === 'rejected') {
    await stopInOrder(starts.flatMap((start) => (start.status === 'fulfilled' ? [start.value] : [])));
    throw postgres.status === 'rejected' ? postgres.reason : kafka.status === 'rejected' ? kafka.reason : undefined;
  }
  return {
    addresses: {
      postgresUrl: postgres.value.url,
      kafka: { bootstrap: kafka.value.bootstrap, adminUser: 'admin', adminPassword },
      jarsDir: options.jarsDir,
      java: options.java ?? 'java',
    },
    postgres: postgres.value,
    kafka: kafka.value,
    stop: () => stopInOrder([kafka.value, postgres.value]),
  };
}

/**
 * Starts what all specs of one Jest run share and leaves the addresses where {@link sharedAddresses} finds them: in
 * `var/test/run-<process id of Jest>/`. Folders of runs that are gone are removed.
 * @returns a function that stops everything and removes the folder
 */
export async function startSharedInfrastructure(options: {
  jarsDir: string;
  java?: string;
  log?: (sentence: string) => void;
}): Promise<() => Promise<void>> {
  await removeAbandonedRuns();
  const directory = await runDirectory(process.pid);
  await mkdir(directory, { recursive: true });
  const infrastructure = await startTestInfrastructure({ ...options, directory });
  await writeFile(join(directory, ADDRESS_FILE), JSON.stringify(infrastructure.addresses), { mode: 0o600 });
  return async () => {
    await infrastructure.stop();
    await rm(directory, { recursive: true, force: true });
  };
}

/**
 * The servers that this Jest run shares.
 * @throws Error when the spec belongs to a project without them (its name must end in `.int-spec.ts` or `.e2e-spec.ts`)
 */
export async function sharedAddresses(): Promise<TestAddresses> {
  // A spec runs in Jest's own process or in a worker that Jest forked.
  for (const pid of [process.pid, process.ppid]) {
    const text = await readFile(join(await runDirectory(pid), ADDRESS_FILE), 'utf8').catch(() => undefined);
    if (text !== undefined) return parseAddresses(text);
  }
  throw new Error(
    'There is no shared infrastructure: name the spec *.int-spec.ts or *.e2e-spec.ts and run it through Jest',
  );
}

/**
 * Makes an own database for a spec on the shared server.
 * @param name a word that says whose it is; made unique, so that specs and runs never meet
 * @param template name of a database to clone, for instance a migrated one that nobody is connected to
 */
export async function createDatabase(name: string, options: { template?: string } = {}): Promise<TestDatabase> {
  const { postgresUrl } = await sharedAddresses();
  const { escapeIdentifier } = await postgres();
  const unique = uniqueName(name).replaceAll('-', '_');
  const from = options.template === undefined ? '' : ` TEMPLATE ${escapeIdentifier(options.template)}`;
  await asSuperuser(postgresUrl, `CREATE DATABASE ${escapeIdentifier(unique)}${from}`);
  const url = new URL(postgresUrl);
  url.pathname = `/${unique}`;
  const drop = `DROP DATABASE IF EXISTS ${escapeIdentifier(unique)} WITH (FORCE)`;
  return { name: unique, url: url.href, drop: () => asSuperuser(postgresUrl, drop) };
}

/** A name nobody else has, for a topic, a group, a user or a prefix of them: the given word and eight random digits. */
export function uniqueName(word: string): string {
  return `${word}-${randomBytes(4).toString('hex')}`;
}

const ADDRESS_FILE = 'infrastructure.json';

async function runDirectory(pid: number): Promise<string> {
  const { repositoryRoot } = await embedded();
  return join(repositoryRoot(), 'var', 'test', `run-${pid}`);
}

async function removeAbandonedRuns(): Promise<void> {
  const { repositoryRoot } = await embedded();
  const names = await readdir(join(repositoryRoot(), 'var', 'test')).catch(() => []);
  for (const name of names) {
    const pid = Number(/^run-(\d+)$/.exec(name)?.[1]);
    if (pid > 0 && !isRunning(pid)) await rm(await runDirectory(pid), { recursive: true, force: true });
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function asSuperuser(url: string, statement: string): Promise<void> {
  const client = new (await postgres()).Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}

function parseAddresses(text: string): TestAddresses {
  // Written by this module in the same run.
  return JSON.parse(text) as TestAddresses;
}
