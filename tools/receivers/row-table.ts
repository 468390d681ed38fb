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

/**
 * The table that a receiver keeps, one row per channel and row id, under the version rule: only a higher version
 * applies; of equal versions a withdrawal beats content.
 */
export class RowTable {
  readonly #rows = new Map<string, HeldRow>();
  /** Channels that this platform has left, and what was asked for their rows. */
  readonly #left = new Map<string, ReceivedRow>();

  apply(record: ReceivedRow): Applied {
    if (record.type === 'membership-ended') return this.#leave(record);
    const key = `${record.channel}/${record.row_id}`;
    const held = this.#rows.get(key);
    const state = record.type === 'withdrawal' ? 'withdrawn' : 'live';
    const beats = state === 'withdrawn' && held?.state === 'live' && record.version === held.version;
    if (held && record.version <= held.version && !beats) return 'stale';
    this.#rows.set(key, { state, version: record.version, record });
    return 'applied';
  }

  /** Rows are kept until they expire, unless the message asks to delete them. */
  #leave(record: ReceivedRow): Applied {
    const known = this.#left.get(record.channel);
    if (known && known.version >= record.version) return 'stale';
    this.#left.set(record.channel, record);
    if (record.rows !== 'delete') return 'applied';
    for (const [key, held] of this.#rows) {
      if (held.record.channel === record.channel) this.#rows.set(key, { ...held, state: 'withdrawn' });
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
