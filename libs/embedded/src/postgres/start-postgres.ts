import { execFile } from 'node:child_process';
import { chmod, chown, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { requireFreePort } from '../free-port.js';
import { waitForEarlierProcess } from '../process/earlier-process.js';
import { lastLines, rotateLogFile } from '../process/log-file.js';
import { startTethered, type ProcessEnd, type TetheredProcess } from '../process/tethered-process.js';
import { choosePostgresAccount, type PostgresAccount } from './postgres-account.js';
import { locatePostgresPrograms, type PostgresPrograms } from './postgres-programs.js';
import { renderPostgresAccess, renderPostgresSettings, type Durability } from './postgres-settings.js';

const run = promisify(execFile);

/** What {@link startPostgres} needs. */
export interface StartPostgresOptions {
  /** Folder of this server: `cluster/` with the data files, `postgres.log` beside it. Made when absent, reused when present. */
  dataDir: string;
  port: number;
  superuserPassword: string;
  /** Default `full`. */
  durability?: Durability;
  /** Further settings by their PostgreSQL names. */
  overrides?: Readonly<Record<string, string | number | boolean>>;
  /** Told one sentence per slow step. */
  log?: (sentence: string) => void;
  /** Told when the server ends without having been stopped. */
  onUnexpectedEnd?: (end: ProcessEnd) => void;
}

/** A running server. */
export interface EmbeddedPostgres {
  /** Connection string of the superuser `postgres` and its database of the same name; it contains the password. */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  readonly logFile: string;
  /** Fast shutdown: open transactions are rolled back, connections closed; killed after 15 s. */
  stop(): Promise<void>;
  /** SIGKILL, as in a crash. */
  kill9(): Promise<void>;
}

/**
 * Starts PostgreSQL as a child process on 127.0.0.1 and resolves when a client has logged in.
 * The child dies with this process. A data directory left by a crash is recovered by the server itself.
 * @throws Error with one sentence and, where the server said something, the end of its log.
 */
export async function startPostgres(options: StartPostgresOptions): Promise<EmbeddedPostgres> {
  const { port, superuserPassword, log = () => undefined } = options;
  const dataDir = resolve(options.dataDir);
  const cluster = join(dataDir, 'cluster');
  const logFile = join(dataDir, 'postgres.log');
  await mkdir(dataDir, { recursive: true });
  const programs = await locatePostgresPrograms();
  const account = await choosePostgresAccount(cluster, [dirname(programs.postgres), dataDir]);

  if (!(await exists(join(cluster, 'PG_VERSION')))) {
    log('Preparing the PostgreSQL data directory');
    await initialiseCluster(programs, account, dataDir, superuserPassword);
  }
  await requireUnserved(dataDir, log);
  // Left by a server that no longer runs.
  await rm(join(cluster, 'postmaster.pid'), { force: true });
  const settings = { port, durability: options.durability ?? 'full', overrides: options.overrides };
  await writeOwned(account, join(cluster, 'postgresql.conf'), renderPostgresSettings(settings));
  await writeOwned(account, join(cluster, 'pg_hba.conf'), renderPostgresAccess());
  await rotateLogFile(logFile);
  await requireFreePort(port, 'PostgreSQL');

  const url = `postgres://postgres:${encodeURIComponent(superuserPassword)}@127.0.0.1:${port}/postgres`;
  const server = await startUntilReady(programs, account, { cluster, logFile, url });
  let stopping = false;
  void server.ended.then((end) => {
    if (!stopping) options.onUnexpectedEnd?.(end);
  });
  const finish = async (how: 'stop' | 'kill'): Promise<void> => {
    stopping = true;
    await server[how]();
  };
  return { url, port, pid: server.pid, logFile, stop: () => finish('stop'), kill9: () => finish('kill') };
}

async function initialiseCluster(
  programs: PostgresPrograms,
  account: PostgresAccount,
  dataDir: string,
  password: string,
): Promise<void> {
  // Made under another name and renamed, so that a run cut short never leaves half a cluster behind.
  const fresh = join(dataDir, 'cluster.new');
  const passwordFile = join(dataDir, 'cluster.password');
  await rm(fresh, { recursive: true, force: true });
  await mkdir(fresh, { mode: 0o700 });
  if (account.owner) await chown(fresh, account.owner.uid, account.owner.gid);
  await writeOwned(account, passwordFile, `${password}\n`);
  const locale = ['--encoding=UTF8', '--locale=C', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  const [command = programs.initdb, ...args] = [
    ...account.prefix,
    programs.initdb,
    ...[`--pgdata=${fresh}`, '--no-instructions', '--no-sync', ...locale, ...access],
  ];
  try {
    await run(command, args, { cwd: '/', ...(account.switchesBySpawn ? account.owner : {}) });
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : '';
    throw new Error(`PostgreSQL could not prepare its data directory ${fresh}.\n${said}`, { cause: error });
  } finally {
    await rm(passwordFile, { force: true });
  }
  await rename(fresh, join(dataDir, 'cluster'));
}

/**
 * Makes sure that nobody serves the cluster in this folder; waits for a server that is being stopped.
 * @throws Error with one sentence
 */
export async function requireUnserved(dataDir: string, log: (sentence: string) => void): Promise<void> {
  const cluster = join(dataDir, 'cluster');
  const pidFile = join(cluster, 'postmaster.pid');
  const waiting = (pid: number): void => log(`Waiting for an earlier PostgreSQL (process ${pid}) to finish`);
  const other = await waitForEarlierProcess(pidFile, cluster, 20_000, waiting);
  if (other !== undefined) {
    throw new Error(`Another PostgreSQL (process ${other}) serves ${cluster}: stop it, or choose another folder.`);
  }
}

async function startUntilReady(
  programs: PostgresPrograms,
  account: PostgresAccount,
  place: { cluster: string; logFile: string; url: string },
): Promise<TetheredProcess> {
  const [command, ...args] = [...account.prefix, programs.postgres, '-D', place.cluster];
  // Back ends of a killed server hold its shared memory for a moment longer; that is the one failure worth repeating.
  for (let attempt = 1; ; attempt += 1) {
    const logStart = await sizeOf(place.logFile);
    const server = await startTethered({
      command,
      args,
      cwd: '/',
      ...(account.switchesBySpawn ? account.owner : {}),
      logFile: place.logFile,
      stopSignal: 'SIGINT',
    });
    try {
      await waitUntilReady(server, place.url);
      return server;
    } catch (error) {
      await server.stop();
      const said = (await readFile(place.logFile, 'utf8').catch(() => '')).slice(logStart);
      if (attempt < 20 && said.includes('shared memory block')) {
        await sleep(500);
        continue;
      }
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`PostgreSQL did not start: ${reason}\n${await lastLines(place.logFile)}`.trimEnd(), {
        cause: error,
      });
    }
  }
}

async function waitUntilReady(server: TetheredProcess, url: string): Promise<void> {
  const deadline = Date.now() + 120_000;
  for (;;) {
    const end = server.end();
    if (end !== undefined) throw new Error(`the server ended (${end.signal ?? `status ${end.code}`}).`);
    const client = new pg.Client({ connectionString: url, ssl: false, connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return;
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      if (code === '28P01') {
        throw new Error(
          'its data directory was made with another superuser password: give that one, or remove the folder.',
          {
            cause: error,
          },
        );
      }
      if (Date.now() > deadline) throw new Error('it did not answer within two minutes.', { cause: error });
      await sleep(50);
    } finally {
      await client.end().catch(() => undefined);
    }
  }
}

async function writeOwned(account: PostgresAccount, path: string, text: string): Promise<void> {
  await writeFile(path, text, { mode: 0o600 });
  await chmod(path, 0o600);
  if (account.owner) await chown(path, account.owner.uid, account.owner.gid);
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined;
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? 0;
}
