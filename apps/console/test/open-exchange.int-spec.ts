import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { Authenticator } from '#libs/access';
import { repositoryRoot } from '#libs/embedded';
import { openDatabase } from '#libs/persistence';
import { createDatabase, uniqueName, type TestDatabase } from '#libs/testing';
import { makeLoginRoles } from '../src/open-exchange/login-roles.js';
import { textLike } from './console-rig.js';

const root = repositoryRoot();
const PROGRAM = join(root, 'dist/apps/console/src/open-exchange/main.js');

describe('opening an exchange', () => {
  let database: TestDatabase;
  let folder: string;

  beforeEach(async () => {
    database = await createDatabase('exchange');
    folder = await mkdtemp(join(tmpdir(), 'tocsin-exchange-'));
  });
  afterEach(async () => {
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const openIn = async (environment: NodeJS.ProcessEnv, options: string[]): Promise<{ code: number; said: string }> => {
    const env = { PATH: process.env.PATH, ...environment };
    const child = execFile(process.execPath, [PROGRAM, ...options], { cwd: folder, env });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', (piece: string) => (said += piece));
    const code = await new Promise<number>((resolve) => child.once('close', (status) => resolve(status ?? -1)));
    return { code, said };
  };
  const open = (...options: string[]) => openIn({ TOCSIN_OWNER_DATABASE_URL: database.url }, options);
  const operatorsIn = async (file: string): Promise<{ key: string; person_id: string }[]> => {
    const { operators } = JSON.parse(await readFile(file, 'utf8')) as {
      operators: { key: string; person_id: string }[];
    };
    return operators;
  };
  const count = async (table: string): Promise<number> => {
    const client = new pg.Client({ connectionString: database.url });
    await client.connect();
    try {
      const { rows } = await client.query<{ count: string }>(`SELECT count(*) FROM directory.${table}`);
      return Number(rows[0]?.count);
    } finally {
      await client.end();
    }
  };

  it('makes two operators with keys that work, in a private file, and loads the default lists', async () => {
    const file = join(folder, 'operators.json');
    const opened = await open('--operators-file', file, '--country', 'NO');
    expect(opened).toMatchObject({ code: 0, said: textLike(/The exchange is open, with 2 operators/) });
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const operators = await operatorsIn(file);
    expect(opened.said).not.toContain(operators[0]?.key);
    expect(operators).toHaveLength(2);
    const source = await openDatabase({ url: database.url, connections: 2, applicationName: 'test' }).initialize();
    for (const { key, person_id } of operators) {
      const principal = await new Authenticator(source).authenticate(`Bearer ${key}`);
      expect(principal).toMatchObject({
        personId: person_id,
        organisationKind: 'operator',
        roles: ['operator'],
        country: 'NO',
      });
    }
    await source.destroy();
    expect([await count('protected_list'), await count('audit')]).toEqual([6, 1]);
  });

  it('changes nothing the second time, and says so', async () => {
    await open('--operators-file', join(folder, 'operators.json'));
    const again = await open('--operators-file', join(folder, 'others.json'));
    expect(again).toMatchObject({ code: 0, said: textLike(/nothing was changed/) });
    expect(existsSync(join(folder, 'others.json'))).toBe(false);
    expect([await count('person'), await count('api_key'), await count('audit')]).toEqual([2, 2, 1]);
  });

  it('opens once when two try at the same moment', async () => {
    const both = await Promise.all(['a', 'b'].map((name) => open('--operators-file', join(folder, name))));
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(both.filter(({ said }) => said.includes('nothing was changed'))).toHaveLength(1);
    expect(await count('person')).toBe(2);
  });

  it('does nothing where the keys could not be written', async () => {
    const file = join(folder, 'operators.json');
    await open('--operators-file', file);
    const second = await createDatabase('exchange');
    const first = database;
    database = second;
    const refused = await open('--operators-file', file);
    expect(refused).toMatchObject({ code: 1, said: textLike(/it is not overwritten/) });
    expect(await count('organisation')).toBe(0);
    await second.drop();
    database = first;
  });

  it('admits one more operator on the host, with a reason', async () => {
    await open('--operators-file', join(folder, 'operators.json'));
    const file = join(folder, 'third.json');
    expect((await open('--operators-file', file, '--add-operator', 'night shift')).code).toBe(1);
    const added = await open('--operators-file', file, '--add-operator', 'night shift', '--reason', 'third shift');
    expect(added.code).toBe(0);
    expect(await count('person')).toBe(3);
    expect(await operatorsIn(file)).toHaveLength(1);
  });

  it('names what is missing and no value', async () => {
    expect(await open()).toMatchObject({ code: 1, said: textLike(/--operators-file is missing/) });
    const unset = await openIn({}, ['--operators-file', 'x']);
    expect(unset).toMatchObject({ code: 78, said: textLike(/TOCSIN_OWNER_DATABASE_URL is missing/) });
  });

  it('makes a login role for each app, each within its own schema, and keeps the passwords', async () => {
    await open('--operators-file', join(folder, 'operators.json'));
    const source = await openDatabase({ url: database.url, connections: 2, applicationName: 'test' }).initialize();
    const file = join(folder, 'roles.json');
    try {
      const roles = await makeLoginRoles(source, database.url, file, uniqueName('t'));
      expect((await stat(file)).mode & 0o777).toBe(0o600);
      const moved = database.url.replace('@127.0.0.1:', '@localhost:');
      const again = await makeLoginRoles(source, moved, file);
      expect(again.intake.password).toBe(roles.intake.password);
      expect(again.intake.url).toContain('@localhost:');
      const intake = new pg.Client({ connectionString: roles.intake.url });
      await intake.connect();
      await intake.query('SELECT id FROM directory.person');
      await expect(intake.query('SELECT sealed_secrets FROM directory.subscription')).rejects.toThrow(
        /permission denied/,
      );
      await expect(intake.query('UPDATE directory.person SET name = name')).rejects.toThrow(/permission denied/);
      await expect(intake.query('SELECT 1 FROM normaliser.job')).rejects.toThrow(/permission denied/);
      await intake.end();
    } finally {
      await source.destroy();
    }
  });
});
