import type { DataSource, EntityManager } from 'typeorm';
import { SUBMISSIONS_TOPIC } from '#libs/events';
import { changeState, writeOutbox, type Lane } from '#libs/persistence';
import type { Logger, Telemetry } from '#libs/runtime';
import { acceptedRecord } from '../accept-submission/accepted-record.js';
import { SUBMISSION_COLUMNS, type SubmissionRow } from '../accept-submission/receipt.js';

/** So long the normaliser is given to take note of a submission; each time after, twice as long. */
const FIRST_PATIENCE = '10 minutes';

/**
 * Tells the normaliser again of submissions that it does not know, so that losing what Kafka held loses nothing that
 * was accepted. A record that comes twice is known by its id and changes nothing.
 */
export class Announcements {
  private readonly repeated;

  constructor(
    private readonly database: DataSource,
    private readonly logger: Logger,
    telemetry: Telemetry,
    private readonly patience = FIRST_PATIENCE,
  ) {
    this.repeated = telemetry.counter(
      'intake_announced_again_total',
      'Submissions of which the normaliser was told again, because it did not know them long after',
    );
  }

  /**
   * Writes the records of those submissions anew that have waited long enough, unless the relay has still to carry the
   * record before.
   * @param unknown ids that the normaliser was asked about and does not know
   * @returns how many were written
   */
  async repeat(unknown: readonly string[]): Promise<number> {
    if (unknown.length === 0) return 0;
    const ids = await changeState(this.database, 'intake', async (manager) => {
      const rows = await this.overdue(manager, unknown);
      if (rows.length === 0) return { result: [], audit: undefined };
      for (const lane of [0, 1] as const) await announce(manager, lane, rows);
      const repeated = rows.map(({ id }) => id);
      await manager.query('UPDATE intake.submission SET announced_at = now() WHERE id = ANY($1)', [repeated]);
      const audit = {
        actor: 'service:intake',
        action: 'announce-again',
        subject: `submission/${repeated[0]}`,
        reason: 'the normaliser does not know it',
        detail: { submissions: repeated },
      };
      return { result: repeated, audit };
    });
    if (ids.length > 0) {
      this.repeated.inc(ids.length);
      this.logger.warn({ submissions: ids.length, first: ids[0] }, 'submissions-announced-again');
    }
    return ids.length;
  }

  private overdue(manager: EntityManager, unknown: readonly string[]): Promise<SubmissionRow[]> {
    return manager.query<SubmissionRow[]>(
      `SELECT ${SUBMISSION_COLUMNS} FROM intake.submission s
        WHERE id = ANY($1) AND bytes_state = 'kept'
          AND announced_at < now() - greatest($2::interval, announced_at - received_at)
          AND NOT EXISTS (SELECT FROM intake.outbox o
                           WHERE o.published_at IS NULL AND o.lane = s.lane AND o.created_at <= s.announced_at)
        ORDER BY id FOR UPDATE SKIP LOCKED`,
      [unknown, this.patience],
    );
  }
}

async function announce(manager: EntityManager, lane: Lane, rows: readonly SubmissionRow[]): Promise<void> {
  const records = rows
    .filter((row) => row.lane === lane)
    .map((row) =>
      acceptedRecord({
        id: row.id,
        kind: row.kind,
        agencyId: row.agency_id,
        personId: row.person_id,
        keyId: row.key_id ?? undefined,
        format: row.format,
        advisoryId: row.advisory_id ?? undefined,
        sha256: row.sha256,
        bytes: Number(row.bytes_stored),
        lane,
        receivedAt: row.received_at,
      }),
    );
  await writeOutbox(manager, 'intake', lane, SUBMISSIONS_TOPIC, records);
}
