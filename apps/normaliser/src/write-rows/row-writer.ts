import type { EntityManager } from 'typeorm';
import type { LiveAssertion, RetractionReason, RowDisputes, WithdrawalReason } from '#libs/domain';
import { assertedPart, rowRecord, withdrawalRecord, type RowSubject, type RowVersion } from '#libs/events';
import { WordEnds } from '../keep-word-ends/word-ends.js';
import type { ChannelSeen } from '../read-directory/directory-snapshot.js';
import { DoubtedRows } from './doubted-rows.js';
import { dueAt, readLiveAssertions, readSubjects } from './live-rows.js';
import { readRowDisputes } from './row-disputes.js';
import { RowRecords } from './row-records.js';

/** Why rows that lose their last assertion are withdrawn. */
export interface WithdrawalCause {
  reason: WithdrawalReason;
  retractionReason?: RetractionReason;
  restore: boolean;
}

/** A row that this chunk asserts, with all that the chunk says about it on this channel. */
export interface RowToPublish {
  rowId: string;
  subject: RowSubject;
  assertions: LiveAssertion[];
  /** Assertions that are the same object share the text made of them. */
  sharedText?: () => string;
}

interface StoredRow {
  row_id: string;
  version: number;
  generation: number;
  withdrawal: WithdrawalCause | null;
  bulletin: boolean;
}

/**
 * Writes channel rows inside one transaction and collects their records. Rows are taken in (channel, row) order, so
 * that concurrent transactions wait for one another and never in a circle.
 */
export class RowWriter {
  readonly records = new RowRecords();
  /** Where words begin and end; written by whoever says by which retraction. */
  readonly words = new WordEnds();

  constructor(
    private readonly manager: EntityManager,
    private readonly now: Date,
  ) {}

  /**
   * Publishes rows that most likely do not exist yet: those that do not are inserted as version 1 in one statement;
   * the others are merged with what is there.
   * @param ofNewSignals this transaction made their signals, so that none of the rows can be there
   * @returns the ids of rows that were there before
   */
  async publish(channel: ChannelSeen, rows: readonly RowToPublish[], ofNewSignals = false): Promise<string[]> {
    const sorted = [...rows].sort((a, b) => (a.rowId < b.rowId ? -1 : 1));
    const inserted = await this.manager.query<{ row_id: string }[]>(
      `INSERT INTO normaliser.channel_row (channel_id, row_id, bulletin, version, generation, due_at, changed_at)
       SELECT $1, r.row_id, r.bulletin, 1, 1, r.due_at, $5
         FROM unnest($2::uuid[], $3::boolean[], $4::timestamptz[]) AS r(row_id, bulletin, due_at)
       ${ofNewSignals ? '' : 'ON CONFLICT DO NOTHING RETURNING row_id'}`,
      [
        channel.id,
        sorted.map((row) => row.rowId),
        sorted.map((row) => 'bulletin' in row.subject),
        sorted.map((row) => dueAt(row.assertions)),
        this.now,
      ],
    );
    const fresh = new Set(ofNewSignals ? sorted.map((row) => row.rowId) : inserted.map((row) => row.row_id));
    // A signal may be disputed, or taken back by somebody as an error, before it is on this channel.
    const known = ofNewSignals ? [] : [...fresh];
    const disputes = await readRowDisputes(this.manager, known);
    const doubted = await DoubtedRows.read(this.manager, known);
    for (const row of sorted) {
      if (!fresh.has(row.rowId)) continue;
      const disputed = disputes.get(row.rowId);
      const isDoubted = row.assertions.some(({ agency }) => doubted.has(row.rowId, agency.id));
      const asserted = isDoubted
        ? assertedPart(
            row.assertions.map((assertion) => doubted.lower(row.rowId, assertion)),
            disputed,
          )
        : ((disputed ? undefined : row.sharedText?.()) ?? assertedPart(row.assertions, disputed));
      this.addRow(channel, { rowId: row.rowId, version: 1, generation: 1 }, row.subject, asserted);
    }
    const existing = sorted.filter((row) => !fresh.has(row.rowId)).map((row) => row.rowId);
    if (existing.length > 0) await this.remerge(channel, existing);
    return existing;
  }

  /**
   * Derives rows anew from the assertions that are live now. A row with none left is withdrawn for the given cause; a
   * withdrawn row that has one again opens a new generation, because a revocation is for good (STIX 2.1, section 3.6).
   * @param mayBeNew rows that are asserted on this channel, perhaps for the first time
   */
  async remerge(
    channel: ChannelSeen,
    rowIds: readonly string[],
    cause?: WithdrawalCause,
    mayBeNew: readonly string[] = [],
  ): Promise<void> {
    const sorted = [...new Set(rowIds)].sort();
    if (mayBeNew.length > 0) {
      await this.manager.query(
        `INSERT INTO normaliser.channel_row (channel_id, row_id, version, generation, changed_at)
         SELECT $1, r.row_id, 0, 1, $3 FROM unnest($2::uuid[]) AS r(row_id) ON CONFLICT DO NOTHING`,
        [channel.id, [...new Set(mayBeNew)].sort(), this.now],
      );
    }
    const stored = await this.manager.query<StoredRow[]>(
      `SELECT row_id, version, generation, withdrawal, bulletin FROM normaliser.channel_row
        WHERE channel_id = $1 AND row_id = ANY($2) ORDER BY row_id FOR UPDATE`,
      [channel.id, sorted],
    );
    const live = await readLiveAssertions(this.manager, channel.id, sorted, this.now);
    const subjects = await readSubjects(this.manager, [...live.keys()]);
    const disputes = await readRowDisputes(this.manager, [...live.keys()]);
    const changed: {
      rowId: string;
      version: number;
      generation: number;
      withdrawal: WithdrawalCause | null;
      due: Date | null;
    }[] = [];
    for (const row of stored) {
      const assertions = live.get(row.row_id);
      const subject = subjects.get(row.row_id);
      if (assertions && subject) {
        const next = {
          rowId: row.row_id,
          version: row.version + 1,
          generation: row.generation + (row.withdrawal ? 1 : 0),
        };
        changed.push({ ...next, withdrawal: null, due: dueAt(assertions) });
        this.addRow(channel, next, subject, assertedPart(assertions, disputes.get(row.row_id)));
      } else if (!row.withdrawal && cause) {
        const next = { rowId: row.row_id, version: row.version + 1, generation: row.generation };
        changed.push({ ...next, withdrawal: cause, due: null });
        this.addWithdrawal(channel, next, cause);
      }
    }
    await this.store(channel, changed);
  }

  /** The record of a row as it stands, for a rebuild: the same id and bytes as when it was published. */
  repeat(
    channel: ChannelSeen,
    version: RowVersion,
    subject: RowSubject,
    assertions: readonly LiveAssertion[],
    disputes?: RowDisputes,
  ): void {
    const record = rowRecord(version, subject, assertedPart(assertions, disputes));
    this.records.add(
      channel,
      { rowId: version.rowId, version: version.version, publishedAt: version.publishedAt },
      record,
    );
  }

  repeatWithdrawal(channel: ChannelSeen, version: RowVersion, cause: WithdrawalCause): void {
    const labels = {
      rowId: version.rowId,
      version: version.version,
      publishedAt: version.publishedAt,
      reason: cause.reason,
    };
    this.records.add(channel, labels, withdrawalRecord(version, cause));
  }

  private async store(
    channel: ChannelSeen,
    changed: readonly {
      rowId: string;
      version: number;
      generation: number;
      withdrawal: WithdrawalCause | null;
      due: Date | null;
    }[],
  ): Promise<void> {
    if (changed.length === 0) return;
    await this.manager.query(
      `UPDATE normaliser.channel_row r
          SET version = c.version, generation = c.generation, withdrawal = c.withdrawal, due_at = c.due_at, changed_at = $7
         FROM unnest($2::uuid[], $3::integer[], $4::integer[], $5::jsonb[], $6::timestamptz[])
              AS c(row_id, version, generation, withdrawal, due_at)
        WHERE r.channel_id = $1 AND r.row_id = c.row_id`,
      [
        channel.id,
        changed.map((row) => row.rowId),
        changed.map((row) => row.version),
        changed.map((row) => row.generation),
        changed.map((row) => (row.withdrawal ? JSON.stringify(row.withdrawal) : null)),
        changed.map((row) => row.due),
        this.now,
      ],
    );
  }

  private version(channel: ChannelSeen, row: { rowId: string; version: number; generation: number }): RowVersion {
    return { channel: channel.id, ...row, publishedAt: this.now.toISOString(), drill: channel.drill };
  }

  private addRow(
    channel: ChannelSeen,
    row: { rowId: string; version: number; generation: number },
    subject: RowSubject,
    asserted: string,
  ): void {
    const version = this.version(channel, row);
    this.records.add(channel, { ...row, publishedAt: version.publishedAt }, rowRecord(version, subject, asserted));
  }

  private addWithdrawal(
    channel: ChannelSeen,
    row: { rowId: string; version: number; generation: number },
    cause: WithdrawalCause,
  ): void {
    this.repeatWithdrawal(channel, this.version(channel, row), cause);
  }
}
