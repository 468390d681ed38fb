import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** What is known of a source between two looks, and after a restart. */
export interface SourceRecord {
  checkpoint?: unknown;
  /** Seconds since 1970. */
  last_success?: number;
  failures_in_a_row: number;
  handed_over: number;
  refused: number;
}

async function replace(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  await writeFile(`${file}.new`, text, { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Keeps the records of sources, each in a file of its own that is replaced whole. */
export class SourceRecords {
  private readonly records = new Map<string, SourceRecord>();

  constructor(
    private readonly folder: string,
    private readonly metricsFile?: string,
  ) {}

  async of(name: string): Promise<SourceRecord> {
    const known = this.records.get(name);
    if (known) return known;
    const text = await readFile(join(this.folder, `${name}.json`), 'utf8').catch(() => undefined);
    const record: SourceRecord =
      text === undefined ? { failures_in_a_row: 0, handed_over: 0, refused: 0 } : (JSON.parse(text) as SourceRecord);
    this.records.set(name, record);
    return record;
  }

  async keep(name: string, record: SourceRecord): Promise<void> {
    this.records.set(name, record);
    await replace(join(this.folder, `${name}.json`), JSON.stringify(record));
    if (this.metricsFile) await replace(this.metricsFile, this.metrics());
  }

  /** For the text file collector of a Prometheus node exporter. */
  private metrics(): string {
    const lines = (name: string, type: string, value: (record: SourceRecord) => number | undefined): string[] => [
      `# TYPE ${name} ${type}`,
      ...[...this.records].flatMap(([source, record]) => {
        const said = value(record);
        return said === undefined ? [] : [`${name}{source="${source}"} ${said}`];
      }),
    ];
    return [
      ...lines('tocsin_source_last_success_timestamp_seconds', 'gauge', ({ last_success }) => last_success),
      ...lines('tocsin_source_failures_in_a_row', 'gauge', ({ failures_in_a_row }) => failures_in_a_row),
      ...lines('tocsin_source_documents_handed_over_total', 'counter', ({ handed_over }) => handed_over),
      ...lines('tocsin_source_documents_refused_total', 'counter', ({ refused }) => refused),
      '',
    ].join('\n');
  }
}
