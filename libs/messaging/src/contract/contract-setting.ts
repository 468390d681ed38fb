import type {
  ClientReporting,
  KafkaClient,
  KafkaConnection,
  ReceivedRecord,
  RecordToSend,
  TakeBatch,
} from '../index.js';

/** A real broker that the suite may kill. */
export interface ContractBroker {
  /** Of a user that may do everything. */
  readonly connection: KafkaConnection;
  /** As in a crash. */
  kill9(): Promise<void>;
  /** Resolves when it answers; does nothing when it was not killed. */
  restart(): Promise<void>;
}

/** What an implementation of the port gives to be tested. */
export interface ContractSetting {
  broker: () => ContractBroker;
  createClient: (connection: KafkaConnection, reporting: ClientReporting) => KafkaClient;
}

/** Warnings and errors that a test provokes are part of it; they are kept, not printed. */
export function quietLogger(): ClientReporting['logger'] & { lines: string[] } {
  const lines: string[] = [];
  const keep = (level: string) => (fields: object, message: string) => {
    lines.push(`${level} ${message} ${JSON.stringify(fields)}`);
  };
  return { lines, debug: () => undefined, info: keep('info'), warn: keep('warn'), error: keep('error') };
}

/** A function that acts at once, as one that returns a promise; a throw becomes a rejection. */
export function promised<Given extends unknown[], Result>(
  act: (...given: Given) => Result,
): (...given: Given) => Promise<Result> {
  return (...given) => new Promise((resolve) => resolve(act(...given)));
}

/** Records numbered from `from`, spread over the keys. */
export function numbered(count: number, { from = 0, keys = 1 } = {}): RecordToSend[] {
  return Array.from({ length: count }, (_, index) => {
    const number = from + index;
    return { key: `key-${number % keys}`, value: `${number}` };
  });
}

/** The number in a record made by {@link numbered}. */
export function numberIn({ value }: ReceivedRecord): number {
  return Number(value?.toString());
}

/** Collects what a consumer delivers, committing each batch. */
export class Collected {
  readonly numbers: number[] = [];
  readonly byPartition = new Map<string, number[]>();

  readonly take: TakeBatch = async (delivery) => {
    this.add(delivery.batch);
    await delivery.commit(delivery.nextOffset);
  };

  add({ topic, partition, records }: Parameters<TakeBatch>[0]['batch']): void {
    const key = `${topic}/${partition}`;
    const own = this.byPartition.get(key) ?? [];
    this.byPartition.set(key, own);
    for (const record of records) {
      this.numbers.push(numberIn(record));
      own.push(numberIn(record));
    }
  }

  /** The numbers without repeats, ascending. */
  get distinct(): number[] {
    return [...new Set(this.numbers)].sort((a, b) => a - b);
  }
}

/** The numbers from 0 to below the count. */
export function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, number) => number);
}

/** Waits until the condition holds. @throws Error that names what was waited for */
export async function until(what: string, holds: () => boolean | Promise<boolean>, timeoutMs = 60_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
