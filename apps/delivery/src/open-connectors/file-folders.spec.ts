import { chmod, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileFolders } from './file-folders.js';

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
