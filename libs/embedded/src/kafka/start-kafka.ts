import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { delimiter, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { javaMissing } from '../findings.js';
import { requireFreePort } from '../free-port.js';
import { waitForEarlierProcess } from '../process/earlier-process.js';
import { lastLines, rotateLogFile } from '../process/log-file.js';
import { startTethered, type ProcessEnd, type TetheredProcess } from '../process/tethered-process.js';
import { askBroker, withAdminConnection } from './admin-connection.js';
import { renderScram, saltPassword, writeKafkaAccounts } from './kafka-accounts.js';
import { fetchKafkaJars } from './kafka-jars.js';
import {
  formatCommand,
  renderJavaArguments,
  renderKafkaLogging,
  renderKafkaSettings,
  type KafkaAccount,
} from './kafka-settings.js';

const run = promisify(execFile);

/** What {@link startKafka} needs. */
export interface StartKafkaOptions {
  /** Folder of this broker: `segments/` with the logs, `kafka.log` beside it. Made when absent, reused when present. */
  dataDir: string;
  port: number;
  controllerPort: number;
  /** Folder of the broker's jars; fetched when they are not there. */
  jarsDir: string;
  adminUser: string;
  adminPassword: string;
  /** Accounts that shall exist with these passwords, on every start. */
  users?: readonly KafkaAccount[];
  /** Names, besides the admin, that no ACL restrains. */
  superUsers?: readonly string[];
  /** The Java command (17 or newer). Default `java`. */
  java?: string;
  /** The Maven command, for fetching jars. Default `mvn`. */
  maven?: string;
  /** Largest heap, in MiB. Default 512. */
  heapMiB?: number;
  /** Further settings by their Kafka names. */
  overrides?: Readonly<Record<string, string | number | boolean>>;
  /** Told one sentence per slow step. */
  log?: (sentence: string) => void;
  /** Told when the broker ends without having been stopped. */
  onUnexpectedEnd?: (end: ProcessEnd) => void;
}

/** A broker of one node. */
export interface EmbeddedKafka {
  /** `host:port` for clients (SASL_PLAINTEXT, SCRAM-SHA-512). */
  readonly bootstrap: string;
  readonly port: number;
  /** The process now running, or the last one that ran. */
  readonly pid: number;
  readonly logFile: string;
  /** Controlled shutdown; killed after 20 s. */
  stop(): Promise<void>;
  /** SIGKILL, as in a crash. */
  kill9(): Promise<void>;
  /** Starts again on the same ports and data, after a stop in good order where it still runs. */
  restart(): Promise<void>;
}

/**
 * Starts Apache Kafka as a child process on 127.0.0.1 (KRaft, one node) and resolves when an authenticated client has seen
 * the broker in the cluster's description. The child dies with this process.
 * @throws Error with one sentence and the end of the broker's log.
 */
export async function startKafka(options: StartKafkaOptions): Promise<EmbeddedKafka> {
  const dataDir = resolve(options.dataDir);
  const logFile = join(dataDir, 'kafka.log');
  if (options.jarsDir.includes(delimiter)) {
    throw new Error(
      `Java cannot use jars from ${options.jarsDir}: choose a folder without "${delimiter}" in its path.`,
    );
  }
  await mkdir(dataDir, { recursive: true });
  await fetchKafkaJars(options);
  await releaseDataDir(dataDir, options.log);
  if (!(await exists(join(dataDir, 'segments')))) {
    options.log?.('Preparing the Kafka data directory');
    await formatStorage(options, dataDir);
  }

  let broker: TetheredProcess;
  let stopping = false;
  const begin = async (): Promise<void> => {
    const started = await startUntilReady(options, dataDir);
    broker = started;
    stopping = false;
    void started.ended.then((end) => {
      if (!stopping) options.onUnexpectedEnd?.(end);
    });
  };
  const finish = async (how: 'stop' | 'kill'): Promise<void> => {
    stopping = true;
    await broker[how]();
  };
  await begin();
  return {
    bootstrap: `127.0.0.1:${options.port}`,
    port: options.port,
    get pid() {
      return broker.pid;
    },
    logFile,
    stop: () => finish('stop'),
    kill9: () => finish('kill'),
    restart: async () => {
      await finish('stop');
      await begin();
    },
  };
}

async function formatStorage(options: StartKafkaOptions, dataDir: string): Promise<void> {
  // Made under another name and renamed, so that a run cut short never leaves half a store behind.
  const fresh = 'segments.new';
  await rm(join(dataDir, fresh), { recursive: true, force: true });
  const settingsFile = join(dataDir, 'format.properties');
  const argumentFile = join(dataDir, 'format.arguments');
  const scram = renderScram(options.adminUser, await saltPassword(options.adminPassword));
  const tool = formatCommand('format.properties', randomBytes(16).toString('base64url'), scram);
  await writeFile(settingsFile, renderSettings(options, fresh), { mode: 0o600 });
  await writeFile(join(dataDir, 'log4j2.properties'), renderKafkaLogging());
  await writeFile(argumentFile, renderJavaArguments([...javaArguments(options), ...tool]), { mode: 0o600 });
  try {
    await run(options.java ?? 'java', [`@${argumentFile}`], { cwd: dataDir, timeout: 120_000 });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new Error(javaMissing().sentence);
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`Kafka could not prepare its data directory ${dataDir}.\n${said}`.trimEnd(), { cause: error });
  } finally {
    await Promise.all([rm(settingsFile, { force: true }), rm(argumentFile, { force: true })]);
  }
  await rename(join(dataDir, fresh), join(dataDir, 'segments'));
}

async function startUntilReady(options: StartKafkaOptions, dataDir: string): Promise<TetheredProcess> {
  const argumentFile = argumentFileOf(dataDir);
  const outputFile = join(dataDir, 'kafka.out');
  await writeFile(join(dataDir, 'server.properties'), renderSettings(options, 'segments'), { mode: 0o600 });
  await writeFile(join(dataDir, 'log4j2.properties'), renderKafkaLogging());
  await writeFile(argumentFile, renderJavaArguments([...javaArguments(options), 'kafka.Kafka', 'server.properties']));
  await rotateLogFile(outputFile);
  await requireFreePort(options.port, 'Kafka');
  await requireFreePort(options.controllerPort, "Kafka's controller");
  const broker = await startTethered({
    command: options.java ?? 'java',
    args: [`@${argumentFile}`],
    cwd: dataDir,
    logFile: outputFile,
    graceMs: 20_000,
  });
  try {
    await writeFile(join(dataDir, 'kafka.pid'), `${broker.pid}\n`);
    await waitUntilReady(broker, options);
    await withAdminConnection(options.port, adminOf(options), (connection) =>
      writeKafkaAccounts(connection, options.users ?? []),
    );
    return broker;
  } catch (error) {
    await broker.stop();
    const reason = error instanceof Error ? error.message : String(error);
    const said = [await lastLines(outputFile, 3), await lastLines(join(dataDir, 'kafka.log'), 5)].join('\n').trim();
    throw new Error(`Kafka did not start: ${reason}\n${said}`.trimEnd(), { cause: error });
  }
}

async function waitUntilReady(broker: TetheredProcess, options: StartKafkaOptions): Promise<void> {
  const deadline = Date.now() + 120_000;
  let refusedSince: number | undefined;
  for (;;) {
    const end = broker.end();
    if (end !== undefined) throw new Error(`the broker ended (${end.signal ?? `status ${end.code}`}).`);
    const answer = await askBroker(options.port, adminOf(options));
    if (answer === 'ready') return;
    // The broker may answer before it has read its accounts; a wrong password is still wrong seconds later.
    refusedSince = answer === 'wrong-password' ? (refusedSince ?? Date.now()) : undefined;
    if (refusedSince !== undefined && Date.now() - refusedSince > 5000) {
      throw new Error('its data directory was made with another admin password: give that one, or remove the folder.');
    }
    if (Date.now() > deadline) throw new Error('it did not answer within two minutes.');
    await sleep(100);
  }
}

/** Waits until no earlier broker holds the data directory. */
async function releaseDataDir(dataDir: string, log: (sentence: string) => void = () => undefined): Promise<void> {
  const waiting = (pid: number): void => log(`Waiting for an earlier Kafka (process ${pid}) to finish`);
  const other = await waitForEarlierProcess(join(dataDir, 'kafka.pid'), argumentFileOf(dataDir), 25_000, waiting);
  if (other !== undefined) {
    throw new Error(`Another Kafka (process ${other}) uses ${dataDir}: stop it, or choose another folder.`);
  }
}

function renderSettings(options: StartKafkaOptions, logDir: string): string {
  return renderKafkaSettings({
    port: options.port,
    controllerPort: options.controllerPort,
    admin: adminOf(options),
    controllerSecret: randomBytes(24).toString('base64url'),
    superUsers: options.superUsers ?? [],
    logDir,
    overrides: options.overrides,
  });
}

function javaArguments({ heapMiB = 512, jarsDir }: StartKafkaOptions): string[] {
  const machine = [`-Xmx${heapMiB}m`, '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Djava.awt.headless=true'];
  return [...machine, '-Dlog4j2.configurationFile=log4j2.properties', '-cp', join(resolve(jarsDir), '*')];
}

const adminOf = ({ adminUser, adminPassword }: StartKafkaOptions): KafkaAccount => ({
  name: adminUser,
  password: adminPassword,
});

const argumentFileOf = (dataDir: string): string => join(dataDir, 'kafka.arguments');

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}
