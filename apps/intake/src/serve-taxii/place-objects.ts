import type { EntityManager } from 'typeorm';
import type { ReceivedSubmission } from '../accept-submission/received-submission.js';
import type { EnvelopeObject } from './read-envelope.js';

/** An object of a request by its id and version. */
export type ListedObject = [id: string | null, version: string | null];

/** A date as TAXII writes it. */
export const AS_TAXII = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

/** Dates for so many objects, one microsecond apart and later than any before, also where the clock was set back. */
const DATES = `
  INSERT INTO intake.collection AS c (agency_id, added_at, revision)
  VALUES ($1, clock_timestamp() + ($2::integer - 1) * interval '1 microsecond', 1)
  ON CONFLICT (agency_id) DO UPDATE SET revision = c.revision + 1,
    added_at = greatest(c.added_at + interval '1 microsecond', clock_timestamp()) + ($2::integer - 1) * interval '1 microsecond'
  RETURNING (added_at - ($2::integer - 1) * interval '1 microsecond')::text AS first_at`;

/**
 * Adds what is not there yet: a version of an object is there once, and what has no versions is. The limits keep the planner
 * from reading the whole table where its statistics are old.
 */
const PLACE = `
  WITH given AS (
    SELECT * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::timestamptz[], $8::integer[], $9::bytea[])
      WITH ORDINALITY AS g (object_id, type, spec_version, version, said_at, place, ciphertext, nth)
  ), fresh AS (
    SELECT DISTINCT ON (g.object_id, g.said_at) g.*, coalesce(g.said_at, a.added_at) AS version_at, a.added_at,
      held.object_id IS NOT NULL AS held
    FROM given g
    CROSS JOIN LATERAL (SELECT $2::timestamptz + (g.nth - 1) * interval '1 microsecond' AS added_at) a
    LEFT JOIN LATERAL (
      SELECT o.object_id FROM intake.object o WHERE o.agency_id = $1 AND o.object_id = g.object_id LIMIT 1) held ON true
    LEFT JOIN LATERAL (
      SELECT o.object_id FROM intake.object o
       WHERE o.agency_id = $1 AND o.object_id = g.object_id AND o.version_at = g.said_at LIMIT 1) same ON true
    WHERE same.object_id IS NULL AND (g.said_at IS NOT NULL OR held.object_id IS NULL)
    ORDER BY g.object_id, g.said_at, g.nth
  ), put AS (
    INSERT INTO intake.object (agency_id, added_at, object_id, type, spec_version, version, version_at, is_first, is_last,
      submission_id, place, ciphertext)
    SELECT $1, added_at, object_id, type, spec_version, coalesce(version, to_char(added_at AT TIME ZONE 'UTC', ${AS_TAXII})),
      version_at, NOT held AND version_at = min(version_at) OVER w, NOT held AND version_at = max(version_at) OVER w,
      $10, place, ciphertext
    FROM fresh WINDOW w AS (PARTITION BY object_id)
  )
  SELECT DISTINCT object_id FROM fresh WHERE held`;

/** Notes which versions of some objects are the first and the last of those that are there. */
export async function markEnds(manager: EntityManager, agencyId: string, objectIds: readonly string[]): Promise<void> {
  if (objectIds.length === 0) return;
  await manager.query(
    `UPDATE intake.object o SET is_first = o.version_at = e.least, is_last = o.version_at = e.most
       FROM (SELECT i.id, l.version_at AS least, m.version_at AS most FROM unnest($2::text[]) i (id)
         CROSS JOIN LATERAL (SELECT version_at FROM intake.object WHERE agency_id = $1 AND object_id = i.id ORDER BY version_at LIMIT 1) l
         CROSS JOIN LATERAL (SELECT version_at FROM intake.object WHERE agency_id = $1 AND object_id = i.id ORDER BY version_at DESC LIMIT 1) m) e
      WHERE o.agency_id = $1 AND o.object_id = ANY ($2) AND o.object_id = e.id
        AND (o.is_first, o.is_last) IS DISTINCT FROM (o.version_at = e.least, o.version_at = e.most)`,
    [agencyId, objectIds],
  );
}

/** Puts the objects of a submission into the collection of its agency, in the transaction that makes it a submission. */
export async function placeObjects(
  manager: EntityManager,
  { id: submissionId, agencyId, key }: Pick<ReceivedSubmission, 'id' | 'agencyId' | 'key'>,
  objects: readonly EnvelopeObject[],
): Promise<void> {
  const listed: ListedObject[] = objects.map(({ id, version }) => [id ?? null, version ?? null]);
  const held = objects.flatMap((object) => (object.id === undefined ? [] : [{ ...object, id: object.id }]));
  const sealed = held.map(({ place, bytes }) => key.sealObject(place, bytes));
  await manager.query('INSERT INTO intake.envelope (submission_id, objects, listed) VALUES ($1, $2, $3)', [
    ...[submissionId, objects.length, key.sealList(listed)],
  ]);
  if (held.length === 0) return;
  // From here on others of this agency wait for the end of the transaction.
  const [dates] = await manager.query<{ first_at: string }[]>(DATES, [agencyId, held.length]);
  const known = await manager.query<{ object_id: string }[]>(PLACE, [
    agencyId,
    dates?.first_at,
    held.map(({ id }) => id),
    held.map(({ type }) => type),
    held.map(({ specVersion }) => specVersion),
    held.map(({ version }) => version ?? null),
    held.map(({ versionAt }) => versionAt ?? null),
    held.map(({ place }) => place),
    sealed,
    submissionId,
  ]);
  await markEnds(
    manager,
    agencyId,
    known.map(({ object_id: id }) => id),
  );
}

/** Takes the objects of a submission out of the collection, whose bytes are destroyed. */
export async function removeObjects(manager: EntityManager, submissionId: string): Promise<void> {
  await manager.query('UPDATE intake.envelope SET listed = NULL WHERE submission_id = $1', [submissionId]);
  const [of] = await manager.query<{ agency_id: string }[]>(
    'SELECT agency_id FROM intake.object WHERE submission_id = $1 LIMIT 1',
    [submissionId],
  );
  if (!of) return;
  await manager.query('UPDATE intake.collection SET revision = revision + 1 WHERE agency_id = $1', [of.agency_id]);
  const gone = await manager.query<{ object_id: string }[]>(
    'WITH gone AS (DELETE FROM intake.object WHERE submission_id = $1 RETURNING object_id) SELECT DISTINCT object_id FROM gone',
    [submissionId],
  );
  await markEnds(
    manager,
    of.agency_id,
    gone.map(({ object_id: id }) => id),
  );
}
