import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '#libs/embedded';

/** Processes that listen, and what for. */
export const PORT_PURPOSES = {
  postgres: 'PostgreSQL',
  kafka: 'Kafka',
  kafkaController: 'the Kafka controller',
  intake: 'intake',
  intakeOps: 'health of intake',
  normaliser: 'the normaliser',
  normaliserOps: 'health of the normaliser',
  relayOps: 'health of the relay',
  delivery: 'delivery',
  deliveryOps: 'health of delivery',
  'platform-api': 'platform-api',
  'platform-apiOps': 'health of platform-api',
  console: 'the console',
  consoleOps: 'health of the console',
} as const;
export type PortName = keyof typeof PORT_PURPOSES;
export type Ports = Record<PortName, number>;

/** Offsets from the base port. */
const OFFSETS: Ports = {
  intake: 1,
  normaliser: 2,
  delivery: 4,
  console: 5,
  'platform-api': 6,
  postgres: 32,
  kafka: 92,
  kafkaController: 93,
  intakeOps: 101,
  normaliserOps: 102,
  relayOps: 103,
  deliveryOps: 104,
  consoleOps: 105,
  'platform-apiOps': 106,
};

/** A person of the demonstration with the one key that was issued. */
export interface PersonKept {
  organisation: string;
  name: string;
  role: string;
  id: string;
  key: string;
}

/** What a local exchange keeps between starts; the file is readable by its owner only. */
export interface ExchangeState {
  postgresPassword: string;
  kafkaAdminPassword: string;
  kafkaPasswords: Record<string, string>;
  organisations: Record<string, string>;
  people: PersonKept[];
  subscriptions: Record<string, { id: string; handOver: Record<string, string | string[]>; port?: number }>;
  kafkaCredentials?: { platform: string; username: string; password: string; topic: string; group: string };
  channels: string[];
}

const password = (): string => randomBytes(24).toString('base64url');

function freshState(): ExchangeState {
  return {
    postgresPassword: password(),
    kafkaAdminPassword: password(),
    kafkaPasswords: { console: password(), normaliser: password(), relay: password(), delivery: password() },
    organisations: {},
    people: [],
    subscriptions: {},
    channels: [],
  };
}

/** Keeps the state of a local exchange in `<dir>/state.json`. */
export class StateFile {
  private saving: Promise<void> = Promise.resolve();

  private constructor(
    private readonly file: string,
    readonly state: ExchangeState,
    readonly isNew: boolean,
  ) {}

  static async open(dir: string): Promise<StateFile> {
    await mkdir(dir, { recursive: true, mode: 0o700 });
    const file = join(dir, 'state.json');
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text !== undefined) return new StateFile(file, JSON.parse(text) as ExchangeState, false);
    const opened = new StateFile(file, freshState(), true);
    await opened.save();
    return opened;
  }

  /** Writes the state as it is; one write at a time, since several parts of a start save side by side. */
  save(): Promise<void> {
    this.saving = this.saving.then(() => this.write());
    return this.saving;
  }

  private async write(): Promise<void> {
    await writeFile(`${this.file}.new`, JSON.stringify(this.state, null, 2), { mode: 0o600 });
    await rename(`${this.file}.new`, this.file);
    await chmod(this.file, 0o600);
  }
}

/** Ports counted from a base, or any that are free. */
export async function choosePorts(base: number | 'free'): Promise<Ports> {
  const names = Object.keys(OFFSETS) as PortName[];
  const entries: [PortName, number][] = [];
  const taken = new Set<number>();
  for (const name of names) {
    let port = base === 'free' ? await freePort() : base + OFFSETS[name];
    // The same may be free again a moment later, and then two would have it.
    while (taken.has(port)) port = await freePort();
    taken.add(port);
    entries.push([name, port]);
  }
  return Object.fromEntries(entries) as Ports;
}
