import { beats, type HeldRow, type ReceivedRow } from './row-table.js';

/** What a receiver reads of a manifest of signed files. */
export interface FileManifest {
  holds: 'content' | 'withdrawals' | 'full';
  channel: string;
  revision: number;
  position: number;
}

/** One row as the receiver holds it. A row that is not live any more stays as a mark. */
export interface FiledRow extends HeldRow {
  /** The newest file that named it. */
  heard: Place;
}

type Place = Pick<FileManifest, 'revision' | 'position'>;

/** How far a file is ahead of another: by the subscription's revision, then by position. */
const ahead = (one: Place, other: Place): number => one.revision - other.revision || one.position - other.position;

/**
 * The table that a receiver of signed files keeps, under the rules of `docs/receivers/signed-file.md`. In whatever order files
 * come, and whichever are missing that an applied full file stands for, the table ends the same.
 */
export class FileTable {
  readonly #rows = new Map<string, FiledRow>();
  readonly #full = new Map<string, Place>();
  readonly #left = new Map<string, number>();

  /** Applies the records of one file, or of all parts of a full file. */
  apply(manifest: FileManifest, records: Iterable<ReceivedRow>): void {
    const full = this.#full.get(manifest.channel);
    if (manifest.holds !== 'withdrawals' && full && ahead(manifest, full) < 0) return;
    const named = new Set<string>();
    for (const record of records) {
      named.add(record.row_id);
      if (record.type === 'membership-ended') this.#leave(record, manifest);
      else this.#applyOne(record, manifest);
    }
    if (manifest.holds !== 'full') return;
    this.#full.set(manifest.channel, { revision: manifest.revision, position: manifest.position });
    for (const row of this.#of(manifest.channel))
      if (!named.has(row.record.row_id) && ahead(row.heard, manifest) <= 0) row.state = 'withdrawn';
  }

  /** Every row, those that are not live included. */
  rows(): FiledRow[] {
    return [...this.#rows.values()];
  }

  #of(channel: string): FiledRow[] {
    return this.rows().filter(({ record }) => record.channel === channel);
  }

  #applyOne(record: ReceivedRow, manifest: FileManifest): void {
    const { revision, position, channel } = manifest;
    const key = `${channel}/${record.row_id}`;
    const held = this.#rows.get(key);
    const state = record.type === 'withdrawal' ? 'withdrawn' : 'live';
    if (state === 'live' && revision <= (this.#left.get(channel) ?? -1)) return;
    if (held && ahead(manifest, held.heard) > 0) held.heard = { revision, position };
    const said: HeldRow = { state, version: record.version, revision, record };
    if (held && !beats(said, held)) return;
    this.#rows.set(key, { ...said, heard: held?.heard ?? { revision, position } });
  }

  #leave(record: ReceivedRow, { channel, revision }: FileManifest): void {
    if ((this.#left.get(channel) ?? -1) >= revision) return;
    this.#left.set(channel, revision);
    if (record.rows !== 'delete-all') return;
    for (const row of this.#of(channel)) if (row.revision <= revision) row.state = 'withdrawn';
  }
}
