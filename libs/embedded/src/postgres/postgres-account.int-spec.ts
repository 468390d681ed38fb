import { execFileSync } from 'node:child_process';
import { chmod, chown, mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { repositoryRoot } from '../repository-root.js';
import { choosePostgresAccount } from './postgres-account.js';
import { locatePostgresPrograms } from './postgres-programs.js';

const asRoot = process.getuid?.() === 0;

let folder: string;
beforeEach(async () => {
  await mkdir(join(repositoryRoot(), 'var'), { recursive: true });
  folder = await mkdtemp(join(repositoryRoot(), 'var', 'private folder '));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the account that PostgreSQL runs as', () => {
  (asRoot ? it : it.skip)('prepares a cluster where everything lies in a folder that only root may enter', async () => {
    const { initdb } = await locatePostgresPrograms();
    // Hard links, so that 60 MB need not be copied.
    execFileSync('cp', ['-al', dirname(dirname(initdb)), join(folder, 'native')]);
    const data = join(folder, 'data');
    const account = await choosePostgresAccount(data, [join(folder, 'native', 'bin'), folder]);
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    expect(account.owner?.uid).toBeGreaterThan(0);
    expect(account.switchesBySpawn).toBe(false);

    await mkdir(data);
    await chown(data, account.owner?.uid ?? 0, account.owner?.gid ?? 0);
    const [command, ...args] = [...account.prefix, join(folder, 'native', 'bin', 'initdb')];
    execFileSync(command, [...args, '--no-sync', '--locale=C', data], { cwd: '/', stdio: 'ignore' });
    expect((await stat(join(data, 'PG_VERSION'))).uid).toBe(account.owner?.uid);
  });

  (asRoot ? it : it.skip)('is the owner of data that an ordinary user made', async () => {
    const data = join(folder, 'data');
    await mkdir(data);
    await chown(data, 4321, 4321);
    await writeFile(join(data, 'PG_VERSION'), '18\n');
    await chmod(folder, 0o755);
    expect((await choosePostgresAccount(data, [folder])).owner).toEqual({ uid: 4321, gid: 4321 });
  });

  (asRoot ? it.skip : it)('is whoever runs this process, unless that is root', async () => {
    expect(await choosePostgresAccount(folder, [folder])).toEqual({ prefix: [], switchesBySpawn: false });
  });
});
