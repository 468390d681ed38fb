import { existsSync, globSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const DOCUMENTS = globSync('{*.md,{apps,docker,docs,k8s,libs,test,tools}/**/*.md}', { cwd: ROOT }).sort();

/** Names of all folders of the sources. */
const FOLDERS = new Set(
  globSync('{apps,docker,docs,k8s,libs,test,tools}/**/', { cwd: ROOT, exclude: ['**/node_modules'] }).map((path) =>
    basename(path),
  ),
);

/** Everything that runs, as one text. */
const SOURCES = globSync('{apps,libs,tools}/**/*.{ts,mjs}', { cwd: ROOT, exclude: ['**/node_modules'] })
  .map((path) => readFileSync(join(ROOT, path), 'utf8'))
  .join('\n');

function textOf(document: string): string {
  return readFileSync(join(ROOT, document), 'utf8');
}

/** The fragment by which a heading is reached, as renderers of Markdown make it. */
function fragmentOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}

it('there are documents', () => {
  expect(DOCUMENTS).toContain('README.md');
  expect(DOCUMENTS).toContain('docs/architecture.md');
});

describe.each(DOCUMENTS)('%s', (document) => {
  const text = textOf(document);

  it('links to what is there', () => {
    // What stands in code is no link.
    const targets = [...text.replaceAll(/`[^`\n]*`/g, '').matchAll(/\]\(([^()\s]+)\)/g)].map(
      ([, target]) => target ?? '',
    );
    const dead = targets.filter((target) => {
      if (/^[a-z]+:/.test(target)) return false;
      const [path = '', fragment] = target.split('#');
      const file = path === '' ? document : join(dirname(document), path);
      if (!existsSync(join(ROOT, file))) return true;
      if (fragment === undefined) return false;
      const headings = [...textOf(file).matchAll(/^#+ (.+)$/gm)].map(([, heading]) => fragmentOf(heading ?? ''));
      return !headings.includes(fragment);
    });
    expect(dead).toEqual([]);
  });

  it('names files and folders that are there', () => {
    const named = [...text.matchAll(/`((?:apps|libs|tools|test|docs|docker|k8s)\/[\w./-]*)`/g)].map(
      ([, path]) => path ?? '',
    );
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
    // A folder may be named without its way once the text is in its neighbourhood.
    const folders = [...text.matchAll(/`([a-z][a-z0-9-]*)\/`/g)].map(([, folder]) => folder ?? '');
    expect(folders.filter((folder) => !FOLDERS.has(folder))).toEqual([]);
  });

  it('names scripts that npm knows', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = [...text.matchAll(/\bnpm run (?:--silent )?([a-z][a-z:-]*)/g)].map(([, script]) => script ?? '');
    expect(named.filter((script) => !(script in scripts))).toEqual([]);
  });

  it('names variables, figures and errors that the sources know', () => {
    const named = [...text.matchAll(/\b(?:TOCSIN_[A-Z_]+[A-Z]|TOC_[A-Z_]+[A-Z]|tocsin(?:_[a-z]+){2,})\b/g)].map(
      ([name]) => name,
    );
    // A figure has its prefix from the telemetry, and a histogram its ending from the text format of Prometheus.
    const plain = named.map((name) => name.replace(/^tocsin_/, '').replace(/_(?:bucket|sum|count)$/, ''));
    expect(plain.filter((name) => !SOURCES.includes(name))).toEqual([]);
  });
});
