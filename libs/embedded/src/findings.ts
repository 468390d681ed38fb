/** The oldest Java that Kafka 4 brokers run on. */
export const JAVA_AT_LEAST = 17;

/** Something that is missing: which, and one sentence that says what and what to do about it. */
export type Finding =
  | { kind: 'java-missing' | 'maven-missing'; sentence: string }
  | { kind: 'java-too-old'; found: number; sentence: string }
  | { kind: 'port-in-use'; ports: number[]; sentence: string }
  | { kind: 'disk-too-small'; freeBytes: number; sentence: string };

/** Java is not there. */
export function javaMissing(): Finding {
  const sentence = `Java is missing: install Java ${JAVA_AT_LEAST} or newer (for instance "apt-get install openjdk-17-jre-headless"), or set JAVA_HOME.`;
  return { kind: 'java-missing', sentence };
}

/** Java is there and Kafka does not run on it. */
export function javaTooOld(found: number): Finding {
  const sentence = `Java ${found} is too old for Kafka: install Java ${JAVA_AT_LEAST} or newer, or point JAVA_HOME to one.`;
  return { kind: 'java-too-old', found, sentence };
}

/** The jars are not there and cannot be fetched. */
export function mavenMissing(): Finding {
  const sentence =
    'Maven is missing and is needed once, to fetch Apache Kafka: install it (for instance "apt-get install maven"), ' +
    'or set TOCSIN_CACHE_DIR to a folder that another checkout has filled.';
  return { kind: 'maven-missing', sentence };
}

/** Somebody listens on ports that are wanted; the first few are named. */
export function portsInUse(taken: readonly { port: number; purpose: string }[]): Finding {
  const named = taken.slice(0, PORTS_NAMED).map(({ port, purpose }) => `${port} (${purpose})`);
  if (taken.length > PORTS_NAMED) named.push(`${taken.length - PORTS_NAMED} more`);
  const last = named.pop() ?? '';
  const [subject, verb] = taken.length === 1 ? ['Port', 'is'] : ['Ports', 'are'];
  const list = named.length > 0 ? `${named.join(', ')} and ${last}` : last;
  const sentence = `${subject} ${list} ${verb} in use: stop what listens there, or choose other ports with --port-base.`;
  return { kind: 'port-in-use', ports: taken.map(({ port }) => port), sentence };
}

const PORTS_NAMED = 3;

/** The disk is too full. */
export function diskTooSmall(dir: string, needBytes: number, freeBytes: number): Finding {
  const sentence = `Only ${megabytes(freeBytes)} MB are free where ${dir} lies, and ${megabytes(needBytes)} MB are needed: make room, or choose a folder on another disk.`;
  return { kind: 'disk-too-small', freeBytes, sentence };
}

const megabytes = (bytes: number): number => Math.floor(bytes / 1_000_000);
