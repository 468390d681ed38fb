import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { portsInUse } from './findings.js';
import { freePort, isPortFree } from './free-port.js';
import { kafkaJarsDir } from './repository-root.js';
import { checkRequirements, javaCommand, parseJavaVersion, type Requirements } from './requirements.js';

const absent = join(tmpdir(), 'no-such-folder-of-tocsin');
const needs: Requirements = {
  needFreeBytes: 0,
  ports: [],
  dir: absent,
  jarsDir: absent,
  java: join(absent, 'java'),
  maven: join(absent, 'mvn'),
};

describe('parseJavaVersion', () => {
  it.each([
    ['openjdk version "17.0.15" 2025-04-15', 17],
    ['java version "1.8.0_402"', 8],
    ['openjdk version "25" 2025-09-16', 25],
    ['openjdk version "21-ea" 2023-09-19', 21],
  ])('reads %s', (output, major) => expect(parseJavaVersion(output)).toBe(major));

  it('says nothing about other output', () => expect(parseJavaVersion('command not found')).toBeUndefined());
});

describe('checkRequirements', () => {
  it('says in one sentence each what is missing and what to do', async () => {
    const findings = await checkRequirements({ ...needs, needFreeBytes: Number.MAX_SAFE_INTEGER });
    expect(findings.map((finding) => finding.kind)).toEqual(['java-missing', 'maven-missing', 'disk-too-small']);
    const [java, maven, disk] = findings.map((finding) => finding.sentence);
    expect(java).toMatch(/^Java is missing: install Java 17 or newer .+\.$/);
    expect(maven).toMatch(/^Maven is missing and is needed once, .+TOCSIN_CACHE_DIR.+\.$/);
    expect(disk).toMatch(/^Only \d+ MB are free where .+ lies, and \d+ MB are needed: make room, .+\.$/);
  });

  it('finds a Java that is too old', async () => {
    const old = join(import.meta.dirname, '..', 'test', 'java-11');
    const [finding] = await checkRequirements({ ...needs, java: old });
    expect(finding).toMatchObject({ kind: 'java-too-old', found: 11 });
    expect(finding?.sentence).toMatch(/^Java 11 is too old for Kafka: install Java 17 or newer, .+\.$/);
  });

  it('finds a port in use and leaves free ones unmentioned', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const free = await freePort();
    try {
      const ports = [
        { port, purpose: 'Kafka' },
        { port: free, purpose: 'intake' },
      ];
      const findings = await checkRequirements({ ...needs, ports });
      const taken = findings.filter((finding) => finding.kind === 'port-in-use');
      expect(taken).toEqual([
        {
          kind: 'port-in-use',
          ports: [port],
          sentence: `Port ${port} (Kafka) is in use: stop what listens there, or choose other ports with --port-base.`,
        },
      ]);
      expect(await isPortFree(port)).toBe(false);
    } finally {
      server.close();
    }
  });
});

it('tells of many ports in one sentence', () => {
  const taken = [1, 2, 3, 4, 5].map((port) => ({ port, purpose: `purpose ${port}` }));
  expect(portsInUse(taken.slice(0, 2)).sentence).toMatch(/^Ports 1 \(purpose 1\) and 2 \(purpose 2\) are in use: /);
  expect(portsInUse(taken).sentence).toMatch(/^Ports 1 \(purpose 1\), .+, 3 \(purpose 3\) and 2 more are in use: /);
});

describe('where things are', () => {
  it('takes Java from JAVA_HOME first', () => {
    expect(javaCommand('/opt/java')).toBe('/opt/java/bin/java');
    expect(javaCommand(undefined)).toBe('java');
    expect(javaCommand('')).toBe('java');
  });

  it('keeps the jars in the checkout unless a cache is named', () => {
    expect(kafkaJarsDir(undefined, '/clone')).toBe('/clone/var/kafka-jars');
    expect(kafkaJarsDir('/cache', '/clone')).toBe('/cache/kafka-jars');
  });
});
