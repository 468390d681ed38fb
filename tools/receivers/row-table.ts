/** What a receiver reads of a channel record; every other field is kept and passed on as it is. */
export interface ReceivedRow {
  id: string;
  type: string;
  channel: string;
  row_id: string;
  version: number;
  [field: string]: unknown;
}

/** One row as the receiver holds it. A withdrawn row stays as a mark, so that a late older copy cannot bring it back. */
export interface HeldRow {
  state: 'live' | 'withdrawn';
  version: number;
  /** Revision of the subscription under which this was heard. */
  revision: number;
  record: ReceivedRow;
}

/** `applied`: the table changed. `stale`: a repeat, or older than what is held. */
export type Applied = 'applied' | 'stale';

/** Whether a parsed value has the shape of a channel record. */
export function isReceivedRow(value: unknown): value is ReceivedRow {
  if (typeof value !== 'object' || value === null) return false;
  const { id, type, channel, row_id, version } = value as Record<string, unknown>;
  return [id, type, channel, row_id].every((text) => typeof text === 'string') && Number.isSafeInteger(version);
}

/** Orders what is heard of one row: by version, then by revision, and at equality a withdrawal beats content. */
export function beats(heard: HeldRow, held: HeldRow): boolean {
  if (heard.version !== held.version) return heard.version > held.version;
  if (heard.revision !== held.revision) return heard.revision > held.revision;
  return heard.state === 'withdrawn' && held.state === 'live';
}

/** The table that a receiver keeps, one row per channel and row id, under the version rule. */
export class RowTable {
  readonly #rows = new Map<string, HeldRow>();
  /** Channels that this platform has left, by the revision that ended them. */
  readonly #left = new Map<string, number>();

  /** @param revision of the subscription, as it came with the record */
  apply(record: ReceivedRow, revision: number): Applied {
    if (record.type === 'membership-ended') return this.#leave(record, revision);
    const key = `${record.channel}/${record.row_id}`;
    const held = this.#rows.get(key);
    const state = record.type === 'withdrawal' ? 'withdrawn' : 'live';
    if (state === 'live' && revision <= (this.#left.get(record.channel) ?? -1)) return 'stale';
    const heard: HeldRow = { state, version: record.version, revision, record };
    if (held && !beats(heard, held)) return 'stale';
    this.#rows.set(key, heard);
    return 'applied';
  }

  /** Rows are kept until they expire, unless the message asks to delete them all. */
  #leave(record: ReceivedRow, revision: number): Applied {
    if ((this.#left.get(record.channel) ?? -1) >= revision) return 'stale';
    this.#left.set(record.channel, revision);
    if (record.rows !== 'delete-all') return 'applied';
    for (const [key, held] of this.#rows) {
      const ended: HeldRow = { ...held, state: 'withdrawn', revision };
      if (held.record.channel === record.channel && held.revision <= revision) this.#rows.set(key, ended);
    }
    return 'applied';
  }

  get(channel: string, rowId: string): HeldRow | undefined {
    return this.#rows.get(`${channel}/${rowId}`);
  }

  /** Every row, withdrawn ones included, in the order in which they were first seen. */
  rows(): HeldRow[] {
    return [...this.#rows.values()];
  }

  /** Channels left. */
  left(): string[] {
    return [...this.#left.keys()];
  }

  count(state: HeldRow['state']): number {
    let count = 0;
    for (const held of this.#rows.values()) if (held.state === state) count++;
    return count;
  }
}
