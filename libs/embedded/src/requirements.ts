import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import {
  diskTooSmall,
  JAVA_AT_LEAST,
  javaMissing,
  javaTooOld,
  mavenMissing,
  portsInUse,
  type Finding,
} from './findings.js';
import { isPortFree } from './free-port.js';
import { hasKafkaJars } from './kafka/kafka-jars.js';

const run = promisify(execFile);

/** What a start needs. */
export interface Requirements {
  /** Bytes that have to be free on the disk of `dir`. */
  needFreeBytes: number;
  /** Ports of 127.0.0.1 that have to be free, each with the name of what will listen there. */
  ports: readonly { port: number; purpose: string }[];
  /** Where the data goes; it need not exist yet. */
  dir: string;
  /** Where the Kafka jars are or go; without them Maven is needed. */
  jarsDir: string;
  /** The Java command. Default `java`. */
  java?: string;
  /** The Maven command. Default `mvn`. */
  maven?: string;
}

/** Looks for everything that a start would trip over; empty when nothing is missing. */
export async function checkRequirements(needs: Requirements): Promise<Finding[]> {
  const [java, maven, ports, freeBytes] = await Promise.all([
    javaVersion(needs.java ?? 'java'),
    mavenNeededAndMissing(needs),
    Promise.all(needs.ports.map(async ({ port, purpose }) => ({ port, purpose, free: await isPortFree(port) }))),
    freeBytesOf(needs.dir),
  ]);
  const findings: Finding[] = [];
  if (java === undefined) findings.push(javaMissing());
  else if (java < JAVA_AT_LEAST) findings.push(javaTooOld(java));
  if (maven) findings.push(mavenMissing());
  const taken = ports.filter(({ free }) => !free);
  if (taken.length > 0) findings.push(portsInUse(taken));
  if (freeBytes < needs.needFreeBytes) findings.push(diskTooSmall(needs.dir, needs.needFreeBytes, freeBytes));
  return findings;
}

/**
 * Reads the major version from what `java -version` says.
 * @param output for instance `openjdk version "17.0.15" 2025-04-15` or `java version "1.8.0_402"`
 * @returns 17 and 8 for these; undefined when there is no version in it
 */
export function parseJavaVersion(output: string): number | undefined {
  const [, major, minor] = /version "(\d+)(?:\.(\d+))?/.exec(output) ?? [];
  if (major === undefined) return undefined;
  return Number(major === '1' && minor !== undefined ? minor : major);
}

/**
 * The Java command that the environment asks for: the one under JAVA_HOME, else the first on the PATH.
 * @param javaHome value of JAVA_HOME, where it is set
 */
export function javaCommand(javaHome: string | undefined): string {
  return javaHome === undefined || javaHome === '' ? 'java' : `${javaHome}/bin/java`;
}

async function javaVersion(command: string): Promise<number | undefined> {
  const said = await run(command, ['-version']).catch(() => undefined);
  return said === undefined ? undefined : parseJavaVersion(said.stderr + said.stdout);
}

async function mavenNeededAndMissing({ jarsDir, maven = 'mvn' }: Requirements): Promise<boolean> {
  if (await hasKafkaJars(jarsDir)) return false;
  return run(maven, ['--version']).then(
    () => false,
    () => true,
  );
}

async function freeBytesOf(dir: string): Promise<number> {
  for (let folder = dir; ; folder = dirname(folder)) {
    const found = await statfs(folder).catch(() => undefined);
    if (found !== undefined) return found.bavail * found.bsize;
    if (folder === dirname(folder)) return Number.POSITIVE_INFINITY;
  }
}
