import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FileFound, FilePort } from '#libs/connectors';
import { fileFolders } from './file-folders.js';

async function listed(files: FilePort, folder: readonly string[]): Promise<FileFound[]> {
  const found: FileFound[] = [];
  for await (const file of files.list(folder)) found.push(file);
  return found;
}

describe('folders of files', () => {
  let root: string;
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'tocsin-files-'));
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('have a file whole, and nothing else', async () => {
    const files = fileFolders(root);
    await files.put(['p1', 'everyone'], 'a.json', Buffer.from('one'));
    await files.put(['p1', 'everyone'], 'a.json', Buffer.from('two'));
    expect(await readdir(join(root, 'p1', 'everyone'))).toEqual(['a.json']);
    expect(await readFile(join(root, 'p1', 'everyone', 'a.json'), 'utf8')).toBe('two');
  });

  it('list what is there, and take a file away that may be gone already', async () => {
    const files = fileFolders(root);
    const names = async (): Promise<string[]> => (await listed(files, ['p1', 'c'])).map(({ name }) => name);
    expect(await names()).toEqual([]);
    for (const name of ['b', 'a']) await files.put(['p1', 'c'], name, Buffer.from('x'));
    await mkdir(join(root, 'p1', 'c', 'below'));
    await symlink(root, join(root, 'p1', 'c', 'link'));
    await writeFile(join(root, 'p1', 'c', 'with space'), '');
    expect((await names()).sort()).toEqual(['a', 'b']);
    const [found] = await listed(files, ['p1', 'c']);
    expect(Math.abs((found?.at.getTime() ?? 0) - Date.now())).toBeLessThan(60_000);
    for (const name of ['a', 'a', 'never']) await files.remove(['p1', 'c'], name);
    expect(await names()).toEqual(['b']);
    await expect(files.remove(['p1', '..'], 'a')).rejects.toThrow('TOC_FAULT');
    await expect(fileFolders(join(root, 'missing')).remove(['p1'], 'a')).rejects.toThrow('TOC_FILES_UNAVAILABLE');
  });

  it.each([
    [['..', 'x'], 'a'],
    [['p1', '../../x'], 'a'],
    [['p1', 'x'], '../a'],
    [['p1', 'x'], '.hidden'],
    [['p1', ''], 'a'],
    [['p1', 'x/y'], 'a'],
    [['p1', 'x'], 'a\0b'],
  ] as const)('lead nowhere else: %j %j', async (folder, name) => {
    await expect(fileFolders(root).put(folder, name, Buffer.from('x'))).rejects.toThrow('TOC_FAULT');
    expect(await readdir(root)).toEqual([]);
  });

  it('follow no link that a platform has put into its own', async () => {
    const elsewhere = await mkdtemp(join(tmpdir(), 'tocsin-elsewhere-'));
    await writeFile(join(elsewhere, 'kept'), 'kept');
    await mkdir(join(root, 'p1', 'plain'), { recursive: true });
    await symlink(elsewhere, join(root, 'p1', 'everyone'));
    await expect(fileFolders(root).put(['p1', 'everyone'], 'kept', Buffer.from('x'))).rejects.toThrow(
      'TOC_FILES_UNAVAILABLE',
    );
    await symlink(join(elsewhere, 'kept'), join(root, 'p1', 'plain', 'a'));
    await fileFolders(root).put(['p1', 'plain'], 'a', Buffer.from('x'));
    expect(await readFile(join(elsewhere, 'kept'), 'utf8')).toBe('kept');
    await rm(elsewhere, { recursive: true });
  });

  it('are waited for where the root is missing, or a folder is no folder', async () => {
    await expect(fileFolders(join(root, 'missing')).put(['p1'], 'a', Buffer.from('x'))).rejects.toThrow(
      'TOC_FILES_UNAVAILABLE',
    );
    await writeFile(join(root, 'p1'), 'a file');
    await chmod(join(root, 'p1'), 0o600);
    await expect(fileFolders(root).put(['p1'], 'a', Buffer.from('x'))).rejects.toMatchObject({ retryable: true });
  });
});
