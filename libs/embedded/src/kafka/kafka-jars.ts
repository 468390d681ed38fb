import { execFile } from 'node:child_process';
import { mkdir, open, readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { mavenMissing } from '../findings.js';
import { commandLineOf } from '../process/earlier-process.js';
import { POM_PATH, repositoryRoot } from '../repository-root.js';

const run = promisify(execFile);
const MANIFEST = 'complete.json';
const FETCH_MS = 15 * 60_000;
const GOAL = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';

/** How to fetch the broker's jars. */
export interface FetchKafkaJarsOptions {
  /** Where the jars go; may be shared by several clones and processes at once. */
  jarsDir: string;
  /** The Maven command. Default `mvn`. */
  maven?: string;
  /** Told one sentence when there is something to wait for. */
  log?: (sentence: string) => void;
}

/**
 * Whether `jarsDir` holds every jar of the committed `kafka/pom.xml`, each with the size it had when it was fetched.
 * Jars of another pom count as missing.
 */
export async function hasKafkaJars(jarsDir: string): Promise<boolean> {
  const manifest = parseManifest(await readFile(join(jarsDir, MANIFEST), 'utf8').catch(() => '{}'));
  if (manifest === undefined || manifest.pom !== (await readFile(pomFile(), 'utf8'))) return false;
  const sizes = await Promise.all(Object.keys(manifest.jars).map((name) => sizeOf(join(jarsDir, name))));
  return Object.values(manifest.jars).every((size, index) => size === sizes[index]);
}

/**
 * Fetches the jars from Maven Central once. One process fetches while others wait; a fetch cut short leaves nothing that
 * looks complete.
 * @throws Error with one sentence and Maven's own words when the fetch fails.
 */
export async function fetchKafkaJars({
  jarsDir,
  maven = 'mvn',
  log = () => undefined,
}: FetchKafkaJarsOptions): Promise<void> {
  if (await hasKafkaJars(jarsDir)) return;
  await mkdir(dirname(resolve(jarsDir)), { recursive: true });
  const release = await lock(`${resolve(jarsDir)}.lock`, () =>
    log('Waiting for another process that fetches the Kafka jars'),
  );
  const fresh = `${resolve(jarsDir)}.new-${process.pid}`;
  try {
    if (await hasKafkaJars(jarsDir)) return;
    log('Fetching Apache Kafka from Maven Central (45 MB, once)');
    await rm(fresh, { recursive: true, force: true });
    await copyDependencies(maven, fresh);
    const names = (await readdir(fresh)).filter((name) => name.endsWith('.jar')).sort();
    const sizes = await Promise.all(
      names.map(async (name): Promise<[string, number]> => [name, await sizeOf(join(fresh, name))]),
    );
    const manifest = {
      pom: await readFile(pomFile(), 'utf8'),
      jars: Object.fromEntries(sizes) as Record<string, number>,
    };
    await writeFile(join(fresh, MANIFEST), `${JSON.stringify(manifest, undefined, 2)}\n`);
    if (await hasKafkaJars(jarsDir)) return;
    await rm(jarsDir, { recursive: true, force: true });
    await rename(fresh, jarsDir);
  } finally {
    await rm(fresh, { recursive: true, force: true });
    await release();
  }
}

async function copyDependencies(maven: string, outputDirectory: string): Promise<void> {
  const args = ['-B', '-q', '-f', pomFile(), GOAL, '-DincludeScope=runtime', `-DoutputDirectory=${outputDirectory}`];
  try {
    await run(maven, args, { maxBuffer: 16 * 1024 * 1024, timeout: FETCH_MS });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') throw new Error(mavenMissing().sentence);
    const said = error instanceof Error && 'stdout' in error ? String(error.stdout) : '';
    const lines = said.split('\n').filter((line) => line.includes('ERROR'));
    throw new Error(
      `Maven could not fetch the Kafka jars: check the network and Maven's settings, then start again.\n${lines.slice(0, 3).join('\n')}`,
      { cause: error },
    );
  }
}

const pomFile = (): string => join(repositoryRoot(), POM_PATH);

/**
 * Takes a lock file that names its holder. A lock whose holder is gone, or that is older than a fetch may take, is taken over.
 * Should two waiters take over at once, both fetch, each into a folder of its own, and the first one wins.
 */
async function lock(file: string, onWaiting: () => void): Promise<() => Promise<void>> {
  for (let told = false; ; told = true) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
    }
    const holder = Number.parseInt(await readFile(file, 'utf8').catch(() => ''), 10);
    const age = Date.now() - ((await stat(file).catch(() => undefined))?.mtimeMs ?? Date.now());
    const gone = age > FETCH_MS || (holder > 0 ? !(await commandLineOf(holder)) : age > 5000);
    if (gone) await rm(file, { force: true });
    else if (!told) onWaiting();
    await sleep(gone ? 50 : 500);
  }
}

function parseManifest(text: string): { pom: string; jars: Record<string, number> } | undefined {
  const found: unknown = parseJson(text);
  if (typeof found !== 'object' || found === null || !('pom' in found) || !('jars' in found)) return undefined;
  if (typeof found.pom !== 'string' || typeof found.jars !== 'object' || found.jars === null) return undefined;
  const jars = Object.entries(found.jars).filter((entry): entry is [string, number] => typeof entry[1] === 'number');
  return jars.length === 0 ? undefined : { pom: found.pom, jars: Object.fromEntries(jars) };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function sizeOf(path: string): Promise<number> {
  return (await stat(path).catch(() => undefined))?.size ?? -1;
}
