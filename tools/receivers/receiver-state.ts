import { isReceivedRow, RowTable, type Applied, type HeldRow, type ReceivedRow } from './row-table.js';

/** One record as it arrived. */
export interface Arrival {
  /** Milliseconds since 1970 with fractions. */
  at: number;
  /** Id of the delivery: `webhook-id`, or `<partition>:<offset>` on Kafka. */
  delivery: string;
  eventId: string;
  channel: string;
  rowId: string;
  version: number;
  revision: number;
  type: string;
  outcome: Applied;
}

/** Most arrivals kept; older ones are dropped, the counts go on. */
const MOST_ARRIVALS = 200_000;

/** What a reference receiver holds: its table, what arrived when, and who waits for what. */
export class ReceiverState {
  readonly #table = new RowTable();
  readonly #arrivals: Arrival[] = [];
  readonly #waiting = new Set<() => void>();
  #arrived = 0;
  #malformed = 0;

  /** Takes the records of one delivery in order; what is no channel record is counted and stops nothing. */
  take(delivery: string, revision: number, records: readonly unknown[]): void {
    const at = performance.timeOrigin + performance.now();
    for (const record of records) {
      if (isReceivedRow(record)) this.#note(at, delivery, revision, record);
      else this.#malformed++;
    }
    for (const look of [...this.#waiting]) look();
  }

  #note(at: number, delivery: string, revision: number, record: ReceivedRow): void {
    this.#arrived++;
    this.#arrivals.push({
      at,
      delivery,
      eventId: record.id,
      channel: record.channel,
      rowId: record.row_id,
      version: record.version,
      revision,
      type: record.type,
      outcome: this.#table.apply(record, revision),
    });
    if (this.#arrivals.length > MOST_ARRIVALS) this.#arrivals.splice(0, MOST_ARRIVALS / 2);
  }

  /** Every row held, withdrawn ones included. */
  table(): HeldRow[] {
    return this.#table.rows();
  }

  row(channel: string, rowId: string): HeldRow | undefined {
    return this.#table.get(channel, rowId);
  }

  /** What is held of a row, as a bench asks for it: an expired row does not hold any more. */
  held(channel: string, rowId: string): { state: 'live' | 'withdrawn' | 'absent'; version?: number } {
    const row = this.row(channel, rowId);
    if (!row) return { state: 'absent' };
    const { valid_until: until } = row.record;
    const isOver = typeof until === 'string' && Date.parse(until) < Date.now();
    return { state: isOver ? 'withdrawn' : row.state, version: row.version };
  }

  get arrivals(): readonly Arrival[] {
    return this.#arrivals;
  }

  /** Counts since the start. */
  counts(): { arrived: number; malformed: number; live: number; withdrawn: number; left: string[] } {
    return {
      arrived: this.#arrived,
      malformed: this.#malformed,
      live: this.#table.count('live'),
      withdrawn: this.#table.count('withdrawn'),
      left: this.#table.left(),
    };
  }

  /**
   * Resolves as soon as the predicate holds; it is asked now and after every delivery.
   * @throws an error when it does not within `ms`
   */
  waitFor(predicate: (state: this) => boolean, ms: number): Promise<void> {
    if (predicate(this)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const end = (): void => {
        clearTimeout(timer);
        this.#waiting.delete(look);
      };
      const look = (): void => {
        if (!predicate(this)) return;
        end();
        resolve();
      };
      const timer = setTimeout(() => {
        end();
        reject(new Error(`what was waited for did not arrive within ${ms} ms`));
      }, ms);
      this.#waiting.add(look);
    });
  }
}
