import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import { rejection } from '#libs/domain';

/** An advisory as far as writing rows needs it. */
export interface StoredAdvisory {
  id: string;
  /** Revision that the opener writes. */
  revision: number;
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
}

interface AdvisoryRow {
  agency_id: string;
  revision: number;
  state: 'live' | 'retracted';
  ref_modified: Date | null;
  own_revision: number | null;
}

/**
 * Opens an advisory for writing in one reading of one document; each reading is one revision, and the newest one wins.
 * The advisory stays locked to the end of the transaction, so that a retraction and a document never interleave.
 * @throws a rejection `TOC_ITEM_NOT_OWNED` when it is another agency's (I10), `TOC_ITEM_STALE` when the producer's
 * version is older than the one held, `TOC_ITEM_REVOKED` when it was retracted after this reading began
 */
export async function openAdvisory(manager: EntityManager, wanted: AdvisoryWanted): Promise<StoredAdvisory> {
  const id = wanted.existingId ?? (wanted.ref ? nameBasedId(`ref\0${wanted.ref}`) : ownAdvisoryId(wanted.submissionId));
  await manager.query(
    `INSERT INTO normaliser.advisory (id, agency_id, submission_id, ref, ref_modified) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING`,
    [id, wanted.agencyId, wanted.submissionId, wanted.ref ?? null, wanted.modified ?? null],
  );
  await manager.query('SELECT 1 FROM normaliser.advisory WHERE id = $1 FOR UPDATE', [id]);
  const [row] = await manager.query<AdvisoryRow[]>(
    `SELECT v.agency_id, v.revision, v.state, v.ref_modified, r.revision AS own_revision
       FROM normaliser.advisory v
       LEFT JOIN normaliser.advisory_reading r ON r.advisory_id = v.id AND r.submission_id = $2 AND r.pass = $3
      WHERE v.id = $1`,
    [id, wanted.submissionId, wanted.pass],
  );
  if (!row || row.agency_id !== wanted.agencyId)
    throw rejection('TOC_ITEM_NOT_OWNED', 'the advisory belongs to another agency');
  if (row.own_revision !== null) {
    if (row.state === 'retracted') throw rejection('TOC_ITEM_REVOKED', 'the advisory was retracted meanwhile');
    return { id, revision: row.own_revision };
  }
  if (wanted.modified && row.ref_modified && Date.parse(wanted.modified) < row.ref_modified.getTime()) {
    throw rejection('TOC_ITEM_STALE', 'a newer version of the advisory is held already');
  }
  const revision = row.revision + 1;
  await manager.query(
    `UPDATE normaliser.advisory SET revision = $2, state = 'live', retraction_reason = NULL, ref_modified = coalesce($3, ref_modified)
      WHERE id = $1`,
    [id, revision, wanted.modified ?? null],
  );
  await manager.query(
    'INSERT INTO normaliser.advisory_reading (advisory_id, submission_id, pass, revision) VALUES ($1, $2, $3, $4)',
    [id, wanted.submissionId, wanted.pass, revision],
  );
  return { id, revision };
}
