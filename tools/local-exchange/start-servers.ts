import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import {
  checkRequirements,
  fetchKafkaJars,
  javaCommand,
  kafkaJarsDir,
  startKafka,
  startPostgres,
  type EmbeddedKafka,
  type EmbeddedPostgres,
} from '#libs/embedded';
import { directKafkaCredentials, type KafkaGrant } from '#libs/messaging';
import { createLogger } from '#libs/runtime';
import { PORT_PURPOSES, type ExchangeState, type PortName, type Ports } from './exchange-state.js';

/** The servers of a local exchange, up and filled with users. */
export interface LocalServers {
  postgres: EmbeddedPostgres;
  kafka: EmbeddedKafka;
  /** Address of the owner of the exchange's database. */
  ownerUrl: string;
}

const DATABASE = 'tocsin';
const NEEDED_BYTES = 1024 ** 3;
const KAFKA_ADMIN = 'tocsin-admin';

/** What each service may do on Kafka. The console administers topics and users. */
const SERVICE_GRANTS: Record<'normaliser' | 'relay' | 'delivery', KafkaGrant[]> = {
  normaliser: [
    { resource: 'topic', name: 'tocsin.submissions.v1', pattern: 'literal', operations: ['read', 'write', 'describe'] },
    { resource: 'topic', name: 'tocsin.feedback.v1', pattern: 'literal', operations: ['read', 'write', 'describe'] },
    { resource: 'group', name: 'tocsin-normaliser', pattern: 'prefixed', operations: ['read'] },
  ],
  relay: [{ resource: 'topic', name: 'tocsin.', pattern: 'prefixed', operations: ['write', 'describe'] }],
  delivery: [
    { resource: 'topic', name: 'tocsin.channel.', pattern: 'prefixed', operations: ['read', 'write', 'describe'] },
    { resource: 'topic', name: 'tocsin.platform.', pattern: 'prefixed', operations: ['write', 'describe'] },
    { resource: 'group', name: 'tocsin-delivery', pattern: 'prefixed', operations: ['read'] },
  ],
};

/** Kafka user name of a service. */
export function kafkaUser(app: string): string {
  return app === 'console' ? KAFKA_ADMIN : `tocsin-${app}`;
}

/**
 * Makes sure that the machine has what a start needs; nothing is touched.
 * @throws Error with one sentence for each thing that is missing, and what to do
 */
export async function requireMachine(dir: string, cacheDir: string, ports: Ports): Promise<void> {
  const wanted = (Object.keys(PORT_PURPOSES) as PortName[]).map((name) => ({
    port: ports[name],
    purpose: PORT_PURPOSES[name],
  }));
  const java = javaCommand(process.env.JAVA_HOME);
  const jarsDir = kafkaJarsDir(cacheDir);
  const findings = await checkRequirements({ needFreeBytes: NEEDED_BYTES, ports: wanted, dir, jarsDir, java });
  if (findings.length > 0) throw new Error(findings.map(({ sentence }) => sentence).join('\n'));
}

/** Starts PostgreSQL and Kafka with all that services need to log in. */
export async function startServers(
  dir: string,
  cacheDir: string,
  state: ExchangeState,
  ports: Ports,
  options: {
    durability: 'full' | 'test';
    say: (sentence: string) => void;
    onUnexpectedEnd: (what: string, logFile: string) => void;
  },
): Promise<LocalServers> {
  const { say } = options;
  const jarsDir = kafkaJarsDir(cacheDir);
  await mkdir(dir, { recursive: true });
  await fetchKafkaJars({ jarsDir, log: say });
  say('Starting PostgreSQL and Kafka…');
  const [postgres, kafka] = await Promise.all([
    startPostgres({
      dataDir: join(dir, 'postgres'),
      port: ports.postgres,
      superuserPassword: state.postgresPassword,
      durability: options.durability,
      log: say,
      onUnexpectedEnd: () => options.onUnexpectedEnd('PostgreSQL', join(dir, 'postgres', 'postgres.log')),
    }),
    startKafka({
      dataDir: join(dir, 'kafka'),
      port: ports.kafka,
      controllerPort: ports.kafkaController,
      jarsDir,
      java: javaCommand(process.env.JAVA_HOME),
      adminUser: KAFKA_ADMIN,
      adminPassword: state.kafkaAdminPassword,
      log: say,
      onUnexpectedEnd: () => options.onUnexpectedEnd('Kafka', join(dir, 'kafka', 'kafka.log')),
    }),
  ]);
  await grantServices(kafka.bootstrap, state);
  return { postgres, kafka, ownerUrl: await ensureDatabase(postgres.url) };
}

async function ensureDatabase(superuserUrl: string): Promise<string> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT FROM pg_database WHERE datname = $1', [DATABASE]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
  const url = new URL(superuserUrl);
  url.pathname = `/${DATABASE}`;
  return url.href;
}

async function grantServices(bootstrap: string, state: ExchangeState): Promise<void> {
  const connection = {
    brokers: [bootstrap],
    clientId: 'local-exchange',
    sasl: { mechanism: 'scram-sha-512' as const, username: KAFKA_ADMIN, password: state.kafkaAdminPassword },
  };
  const credentials = directKafkaCredentials(connection, createLogger('local-exchange', 'error'));
  for (const [app, grants] of Object.entries(SERVICE_GRANTS)) {
    await credentials.ensureUser(kafkaUser(app), state.kafkaPasswords[app] ?? '');
    await credentials.allow(kafkaUser(app), grants);
  }
}
