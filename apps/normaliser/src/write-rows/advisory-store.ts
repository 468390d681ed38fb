import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { rejection } from '#libs/domain';

/** An advisory as far as writing rows needs it. */
export interface StoredAdvisory {
  id: string;
  /** Revision that the opener writes. */
  revision: number;
  /** Whether a part of it was taken back after the opener was received. */
  takenBack: boolean;
}

function nameBasedId(name: string): string {
  const bytes = createHash('sha256').update(`tocsin-advisory\0${name}`).digest();
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** The id of a submission's own advisory: derived, so that a crash and a second reading find the same one. */
export function ownAdvisoryId(submissionId: string): string {
  return nameBasedId(submissionId);
}

/** The id of an advisory that a document declares, by its producer's ref. */
export function declaredAdvisoryId(ref: string): string {
  return nameBasedId(`ref\0${ref}`);
}

/** Who opens an advisory, for what. */
export interface AdvisoryWanted {
  agencyId: string;
  submissionId: string;
  pass: number;
  /** Producer's id of a declared advisory; absent for the submission's own. */
  ref?: string;
  /** Producer's time of this version of a declared advisory. */
  modified?: string;
  /** The advisory that a revision is about. */
  existingId?: string;
  /** When the submission was received. */
  receivedAt: Date;
}

interface AdvisoryRow {
  agency_id: string;
  revision: number;
  state: 'live' | 'retracted';
  ref_modified: Date | null;
  retracted_at: Date | null;
  last_received_at: Date | null;
  own_revision: number | null;
  taken_back: boolean;
}

/**
 * Opens an advisory for writing in one reading of one document; each reading is one revision, and what was received
 * last wins. The advisory stays locked to the end of the transaction, so that a retraction, a revision and a document
 * that is still being read never interleave.
 * @throws a rejection `TOC_ITEM_NOT_OWNED` when it is another agency's (I10), `TOC_ITEM_STALE` when a later reading or
 * producer's version is held, `TOC_ITEM_REVOKED` when it was retracted after this reading was received
 */
export async function openAdvisory(manager: EntityManager, wanted: AdvisoryWanted): Promise<StoredAdvisory> {
  const id = wanted.existingId ?? (wanted.ref ? declaredAdvisoryId(wanted.ref) : ownAdvisoryId(wanted.submissionId));
  if (await makeAdvisory(manager, id, wanted)) return { id, revision: 1, takenBack: false };
  await manager.query('SELECT 1 FROM normaliser.advisory WHERE id = $1 FOR UPDATE', [id]);
  const [row] = await manager.query<AdvisoryRow[]>(
    `SELECT v.agency_id, v.revision, v.state, v.ref_modified, v.retracted_at, v.last_received_at, r.revision AS own_revision,
            EXISTS (SELECT FROM normaliser.taken_back t WHERE t.advisory_id = v.id AND t.received_at >= $4) AS taken_back
       FROM normaliser.advisory v
       LEFT JOIN normaliser.advisory_reading r ON r.advisory_id = v.id AND r.submission_id = $2 AND r.pass = $3
      WHERE v.id = $1`,
    [id, wanted.submissionId, wanted.pass, wanted.receivedAt],
  );
  if (row?.agency_id !== wanted.agencyId) {
    throw rejection('TOC_ITEM_NOT_OWNED', 'the advisory belongs to another agency');
  }
  refuseLate(row, wanted);
  const takenBack = row.taken_back;
  if (row.own_revision !== null) return { id, revision: row.own_revision, takenBack };
  const revision = row.revision + 1;
  await manager.query(
    `UPDATE normaliser.advisory
        SET revision = $2, state = 'live', retraction_reason = NULL, ref_modified = coalesce($3, ref_modified), last_received_at = $4
      WHERE id = $1`,
    [id, revision, wanted.modified ?? null, wanted.receivedAt],
  );
  await manager.query(
    'INSERT INTO normaliser.advisory_reading (advisory_id, submission_id, pass, revision) VALUES ($1, $2, $3, $4)',
    [id, wanted.submissionId, wanted.pass, revision],
  );
  return { id, revision, takenBack };
}

/** Makes an advisory that is not there yet, with its first revision. @returns whether it was not there */
async function makeAdvisory(manager: EntityManager, id: string, wanted: AdvisoryWanted): Promise<boolean> {
  const made = await manager.query<object[]>(
    `WITH made AS (
       INSERT INTO normaliser.advisory (id, agency_id, submission_id, ref, ref_modified, revision, last_received_at)
       VALUES ($1, $2, $3, $4, $5, 1, $6) ON CONFLICT DO NOTHING RETURNING id
     ), reading AS (
       INSERT INTO normaliser.advisory_reading (advisory_id, submission_id, pass, revision)
       SELECT id, $3, $7, 1 FROM made)
     SELECT id FROM made`,
    [
      id,
      wanted.agencyId,
      wanted.submissionId,
      wanted.ref ?? null,
      wanted.modified ?? null,
      wanted.receivedAt,
      wanted.pass,
    ],
  );
  return made.length > 0;
}

/** Refuses a reading that something later has overtaken. */
function refuseLate(row: AdvisoryRow, wanted: AdvisoryWanted): void {
  const retracted = row.retracted_at !== null && wanted.receivedAt <= row.retracted_at;
  const isNewer = wanted.modified !== undefined && Date.parse(wanted.modified) > (row.ref_modified?.getTime() ?? 0);
  if (retracted || (row.state === 'retracted' && wanted.ref !== undefined && !isNewer)) {
    throw rejection('TOC_ITEM_REVOKED', 'the advisory was retracted meanwhile');
  }
  const overtaken =
    row.own_revision === null ? isAfter(row.last_received_at, wanted.receivedAt) : row.revision > row.own_revision;
  const older = wanted.modified !== undefined && isAfter(row.ref_modified, new Date(wanted.modified));
  if (overtaken || (older && row.own_revision === null)) {
    throw rejection('TOC_ITEM_STALE', 'a later revision of the advisory is held already');
  }
}

function isAfter(held: Date | null, moment: Date): boolean {
  return held !== null && held > moment;
}
