import { createHash } from 'node:crypto';
import type { EntityManager } from 'typeorm';
import type { WantedAssertion } from '../write-rows/wanted-assertion.js';
import { storeStatement, type StoredStatement } from '../write-rows/statement-store.js';

/** What a retraction of a part of an advisory takes back. */
export interface Part {
  advisoryId: string;
  /** Absent: all rows. */
  rowIds?: readonly string[];
  /** Absent: all channels. */
  channels?: readonly string[];
  /** When the retraction was received: readings received later may say it again. */
  receivedAt: Date;
}

/** Keeps what was taken back of an advisory, so that no reading that was received before says it again (I4). */
export async function rememberTakenBack(manager: EntityManager, part: Part): Promise<void> {
  await manager.query(
    `INSERT INTO normaliser.taken_back (advisory_id, row_id, channels, received_at)
     SELECT $1, row_id, $3, $4 FROM unnest($2::uuid[]) AS r(row_id)`,
    [part.advisoryId, part.rowIds ?? [null], part.channels ?? null, part.receivedAt],
  );
}

/**
 * Leaves out what was taken back after the reading was received.
 * @returns in the order given: the assertion, on fewer channels where some were left; undefined where nothing remains
 */
export async function leaveOutTakenBack(
  manager: EntityManager,
  wanted: readonly WantedAssertion[],
  receivedAt: Date,
): Promise<(WantedAssertion | undefined)[]> {
  const gone = await manager.query<{ advisory_id: string; row_id: string | null; channels: string[] | null }[]>(
    `SELECT advisory_id, row_id, channels FROM normaliser.taken_back
      WHERE advisory_id = ANY($1) AND (row_id IS NULL OR row_id = ANY($2)) AND received_at >= $3`,
    [[...new Set(wanted.map(({ advisoryId }) => advisoryId))], wanted.map(({ rowId }) => rowId), receivedAt],
  );
  const byPlace = new Map<string, (string[] | null)[]>();
  for (const { advisory_id, row_id, channels } of gone) {
    const place = `${advisory_id}/${row_id ?? ''}`;
    byPlace.set(place, [...(byPlace.get(place) ?? []), channels]);
  }
  const narrower = new Map<string, StoredStatement>();
  const left: (WantedAssertion | undefined)[] = [];
  for (const assertion of wanted) {
    const { advisoryId, rowId, statement } = assertion;
    const taken = ['', rowId].flatMap((row) => byPlace.get(`${advisoryId}/${row}`) ?? []);
    const channels = statement.channels.filter((id) => !taken.some((ids) => ids === null || ids.includes(id)));
    if (channels.length === 0) left.push(undefined);
    else if (channels.length === statement.channels.length) left.push(assertion);
    else {
      const key = `${statement.id}/${channels.join(' ')}`;
      const stored = narrower.get(key) ?? (await storeNarrower(manager, advisoryId, statement, channels, assertion));
      narrower.set(key, stored);
      left.push({ ...assertion, statement: stored });
    }
  }
  return left;
}

/**
 * The same words on fewer channels are another statement.
 * @param about a bulletin's words are part of what is said
 */
export function storeNarrower(
  manager: EntityManager,
  advisoryId: string,
  { statement, agency }: Pick<StoredStatement, 'statement' | 'agency'>,
  channels: string[],
  about?: Pick<WantedAssertion, 'subject'>,
): Promise<StoredStatement> {
  const bulletin = about && 'bulletin' in about.subject ? [about.subject.bulletin] : [];
  const digest = createHash('sha256')
    .update(JSON.stringify([statement, channels, ...bulletin]))
    .digest();
  return storeStatement(manager, advisoryId, digest, statement, channels, agency);
}
