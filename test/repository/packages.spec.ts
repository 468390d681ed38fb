import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');

interface Package {
  version: string;
  license?: string;
  /** As packages said it before `license`. */
  licenses?: { type: string }[];
}

function readJson<T>(...path: string[]): T {
  return JSON.parse(readFileSync(join(ROOT, ...path), 'utf8')) as T;
}

const { dependencies, devDependencies } =
  readJson<Record<'dependencies' | 'devDependencies', Record<string, string>>>('package.json');

describe('docs/dependencies.md', () => {
  const text = readFileSync(join(ROOT, 'docs/dependencies.md'), 'utf8').split('\n## ')[0] ?? '';
  const lines = text.split('\n').filter((line) => line.startsWith('- '));

  it('has a line for each dependency, sorted, with its version, licence and reason, and none for what is not there', () => {
    const wanted = Object.entries({ ...dependencies, ...devDependencies })
      .sort(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, version]) => {
        const { license, licenses } = readJson<Package>('node_modules', name, 'package.json');
        const use = name in devDependencies ? ', development' : '';
        return `- **${name}** ${version} (${license ?? licenses?.[0]?.type}${use}): `;
      });
    expect(lines.map((line) => line.slice(0, line.indexOf('): ') + 3))).toEqual(wanted);
    for (const line of lines) expect(line).toMatch(/\): .*\w.*\.$/);
  });
});

describe('the packages', () => {
  it('are each pinned to one version', () => {
    const loose = Object.entries({ ...dependencies, ...devDependencies }).filter(([, wanted]) => !/^\d/.test(wanted));
    expect(loose).toEqual([]);
  });

  it('are locked by digest, and the lock names no registry', () => {
    const { packages } = readJson<{ packages: Record<string, { integrity?: string; resolved?: string }> }>(
      'package-lock.json',
    );
    const locked = Object.entries(packages).filter(([path]) => path !== '');
    expect(locked.length).toBeGreaterThan(500);
    expect(locked.filter(([, { integrity }]) => !integrity?.startsWith('sha512-'))).toEqual([]);
    expect(locked.filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });
});

describe('nest-cli.json', () => {
  it('names every service, where it is', () => {
    const { projects } = readJson<{ projects: Record<string, { sourceRoot: string; entryFile: string }> }>(
      'nest-cli.json',
    );
    const services = readdirSync(join(ROOT, 'apps')).filter((app) => app !== 'cli');
    expect(Object.keys(projects).sort()).toEqual(services);
    for (const { sourceRoot, entryFile } of Object.values(projects))
      expect(existsSync(join(ROOT, sourceRoot, `${entryFile}.ts`))).toBe(true);
  });
});
