import type { DataSource, EntityManager } from 'typeorm';
import { RETRACTION_REASONS, type RetractionReason } from '#libs/domain';
import { changeState } from '#libs/persistence';
import type { DirectoryReader, DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import { removeAssertions, type AssertionKey } from '../take-back/assertion-remover.js';
import { rememberTakenBack } from '../take-back/taken-back.js';
import type { ChunkPace } from '../work-through-jobs/chunk-pace.js';
import { RowWriter } from '../write-rows/row-writer.js';

const LOOK_AGAIN_MS = 5_000;

interface DecidedCase {
  id: string;
  agency_id: string;
  reason: RetractionReason;
  state: 'stood-by' | 'retracted';
  decided_at: Date;
  decided_by: string;
}

/**
 * Carries out what agencies decided about lowered assertions, a chunk a transaction: a row is taken out of its case and
 * derived anew together, so that a crash leaves the rest for the next step and a repeat finds nothing to do.
 */
export class DecidedDoubts {
  constructor(
    private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
    private readonly pace: ChunkPace,
  ) {}

  /** One chunk. @returns what the loop does next: again at once, or milliseconds to wait */
  async step(): Promise<'again' | number> {
    const directory = await this.directoryReader.read();
    let next: 'again' | number = LOOK_AGAIN_MS;
    await this.pace.timed(async () => {
      const rows = await this.carryOut(directory, this.pace.items);
      if (rows !== undefined) next = 'again';
      return rows ?? 0;
    });
    return next;
  }

  /** @returns how many rows were taken out of a case; undefined when nothing is left to do */
  private carryOut(directory: DirectorySnapshot, most: number): Promise<number | undefined> {
    return changeState(this.database, 'normaliser', async (manager) => {
      const [decided] = await manager.query<DecidedCase[]>(
        `SELECT id, agency_id, reason, state, decided_at, decided_by FROM normaliser.doubt_case
          WHERE state <> 'open' AND settled_at IS NULL ORDER BY decided_at LIMIT 1 FOR UPDATE SKIP LOCKED`,
      );
      if (!decided) return { result: undefined, audit: undefined };
      const doubts = await manager.query<{ row_id: string }[]>(
        'SELECT row_id FROM normaliser.doubt WHERE case_id = $1 ORDER BY row_id LIMIT $2 FOR UPDATE',
        [decided.id, most],
      );
      const rowIds = doubts.map(({ row_id }) => row_id);
      const rows = new RowWriter(manager, new Date());
      await manager.query('DELETE FROM normaliser.doubt WHERE case_id = $1 AND row_id = ANY($2)', [decided.id, rowIds]);
      if (decided.state === 'stood-by') await deriveAnew(manager, directory, rows, decided.agency_id, rowIds);
      else await this.takeBack(manager, directory, rows, decided, rowIds);
      if (rowIds.length < most) {
        await manager.query('UPDATE normaliser.doubt_case SET settled_at = now() WHERE id = $1', [decided.id]);
      }
      await rows.records.writeTo(manager);
      await rows.words.writeTo(manager, decided.id);
      const audit = {
        actor: decided.decided_by,
        action: 'carry-out-doubt',
        subject: `doubt/${decided.id}`,
        detail: { decision: decided.state, rows: rowIds.length },
      };
      return { result: rowIds.length, audit };
    });
  }

  /** As a retraction of these signals from every advisory of the agency, received when it was decided. */
  private async takeBack(
    manager: EntityManager,
    directory: DirectorySnapshot,
    rows: RowWriter,
    { id, agency_id, reason, decided_at }: DecidedCase,
    rowIds: readonly string[],
  ): Promise<void> {
    // A document of one of them that is still being read, and this, never interleave.
    await manager.query(
      `SELECT 1 FROM normaliser.advisory v
        WHERE v.id IN (SELECT advisory_id FROM normaliser.assertion WHERE row_id = ANY($1)) AND v.agency_id = $2
        ORDER BY v.id FOR UPDATE`,
      [rowIds, agency_id],
    );
    const said = await manager.query<{ advisory_id: string; row_id: string; object_key: string }[]>(
      `SELECT a.advisory_id, a.row_id, a.object_key
         FROM normaliser.assertion a JOIN normaliser.advisory v ON v.id = a.advisory_id
         JOIN normaliser.advisory_reading r ON r.advisory_id = a.advisory_id AND r.revision = a.revision
         JOIN normaliser.job j ON j.submission_id = r.submission_id
        WHERE a.row_id = ANY($1) AND v.agency_id = $2 AND j.received_at <= $3
        ORDER BY a.advisory_id, a.row_id, a.object_key`,
      [rowIds, agency_id, decided_at],
    );
    for (const advisoryId of new Set(said.map(({ advisory_id }) => advisory_id))) {
      const ofAdvisory = said.filter(({ advisory_id }) => advisory_id === advisoryId).map(({ row_id }) => row_id);
      await rememberTakenBack(manager, { advisoryId, rowIds: [...new Set(ofAdvisory)], receivedAt: decided_at });
    }
    const keys: AssertionKey[] = said.map(({ advisory_id, row_id, object_key }) => ({
      advisoryId: advisory_id,
      rowId: row_id,
      objectKey: object_key,
    }));
    const cause = {
      reason: 'retracted',
      retractionReason: reason,
      restore: RETRACTION_REASONS[reason].restore,
    } as const;
    // Others that assert them have been told by the first retraction; who asserted them since is told by this one.
    await removeAssertions(manager, directory, rows, keys, cause, undefined, {
      retractionId: id,
      agencyId: agency_id,
      reason,
    });
    const taken = new Set(said.map(({ row_id }) => row_id));
    // What was said anew after the decision counts in full.
    await deriveAnew(
      manager,
      directory,
      rows,
      agency_id,
      rowIds.filter((rowId) => !taken.has(rowId)),
    );
  }
}

/** Derives rows anew on the channels on which an agency asserts them. */
async function deriveAnew(
  manager: EntityManager,
  directory: DirectorySnapshot,
  rows: RowWriter,
  agencyId: string,
  rowIds: readonly string[],
): Promise<void> {
  if (rowIds.length === 0) return;
  const live = await manager.query<{ channel: string; row_ids: string[] }[]>(
    `SELECT c.channel, array_agg(DISTINCT a.row_id) AS row_ids
       FROM normaliser.assertion a JOIN normaliser.advisory v ON v.id = a.advisory_id
       JOIN normaliser.statement s ON s.id = a.statement_id, unnest(s.channels) AS c(channel)
      WHERE a.row_id = ANY($1) AND v.agency_id = $2 AND s.valid_until > now()
      GROUP BY c.channel ORDER BY c.channel COLLATE "C"`,
    [rowIds, agencyId],
  );
  for (const { channel: id, row_ids } of live) {
    const channel = directory.channel(id);
    if (channel) await rows.remerge(channel, row_ids);
  }
}
