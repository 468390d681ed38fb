import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../free-port.js';
import { startPostgres, type EmbeddedPostgres } from './start-postgres.js';

const superuserPassword = "it's: a/p@ss word?";
let dataDir: string;
let running: EmbeddedPostgres[];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'tocsin postgres '));
  running = [];
});
afterEach(async () => {
  await Promise.all(running.map((server) => server.stop()));
  await rm(dataDir, { recursive: true, force: true });
});

async function start(changes: Partial<Parameters<typeof startPostgres>[0]> = {}): Promise<EmbeddedPostgres> {
  const server = await startPostgres({ dataDir, port: await freePort(), superuserPassword, ...changes });
  running.push(server);
  return server;
}

describe('PostgreSQL as a child process', () => {
  it('logs in with SCRAM, flushes its commits, and refuses a wrong password', async () => {
    const server = await start();
    const { rows } = await query(
      server.url,
      `SELECT current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS commit,
              current_setting('listen_addresses') AS listens, left(rolpassword, 13) AS stored
         FROM pg_authid WHERE rolname = 'postgres'`,
    );
    expect(rows).toEqual([{ fsync: 'on', commit: 'on', listens: '127.0.0.1', stored: 'SCRAM-SHA-256' }]);
    await expect(query(server.url.replace(/:[^:@]+@/, ':wrong@'), 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  it('keeps committed rows through kill -9 and starts again by itself', async () => {
    const first = await start();
    await query(first.url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
    await first.kill9();
    const second = await start({ port: first.port });
    expect((await query(second.url, 'SELECT id FROM kept')).rows).toEqual([{ id: 1 }]);
    expect(second.pid).not.toBe(first.pid);
  });

  it('is not kept from starting by a lock file whose process id now belongs to a stranger', async () => {
    const first = await start();
    const lockFile = join(dataDir, 'cluster', 'postmaster.pid');
    const lock = await readFile(lockFile, 'utf8');
    await first.stop();
    await writeFile(lockFile, lock.replace(String(first.pid), String(process.pid)));
    await start();
  });

  it('tells of an end that nobody asked for, and of no other', async () => {
    const ends: unknown[] = [];
    const server = await start({ onUnexpectedEnd: (end) => ends.push(end) });
    process.kill(server.pid, 'SIGQUIT');
    while (ends.length === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const again = await start({ onUnexpectedEnd: (end) => ends.push(end) });
    await again.stop();
    expect(ends).toHaveLength(1);
  });

  it('says so when the folder was made with another password, or the port is taken', async () => {
    const server = await start();
    const other = join(dataDir, 'other');
    await expect(start({ dataDir: other, port: server.port })).rejects.toThrow(
      `Port ${server.port} (PostgreSQL) is in use`,
    );
    await server.stop();
    await expect(start({ superuserPassword: 'another' })).rejects.toThrow('another superuser password');
  });

  it('runs twice side by side', async () => {
    const servers = await Promise.all([start(), start({ dataDir: join(dataDir, 'beside') })]);
    const answers = await Promise.all(servers.map((server) => query(server.url, 'SELECT inet_server_port() AS port')));
    expect(answers.map(({ rows }) => rows[0])).toEqual(servers.map(({ port }) => ({ port })));
  });
});

async function query(connectionString: string, text: string): Promise<{ rows: unknown[] }> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}
