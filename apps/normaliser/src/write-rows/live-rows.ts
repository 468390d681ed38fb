import type { EntityManager } from 'typeorm';
import type { Bulletin, Country, LiveAssertion, Statement } from '#libs/domain';
import type { RowSubject } from '#libs/events';
import { DoubtedRows } from './doubted-rows.js';

/** The body of a stored statement: the words, and the agency as it was named when they were said. */
export interface StatementBody {
  statement: Statement;
  agency: { id: string; name: string; country: Country };
}

interface AssertionRow {
  row_id: string;
  advisory_id: string;
  object_key: string;
  quality: number | null;
  statement_id: string;
}

/**
 * Live assertions of rows on one channel, by row id, with their ceilings as they count now. Words that many assertions
 * share are read once.
 */
export async function readLiveAssertions(
  manager: EntityManager,
  channelId: string,
  rowIds: readonly string[],
  now: Date,
): Promise<Map<string, LiveAssertion[]>> {
  const rows = await manager.query<AssertionRow[]>(
    `SELECT a.row_id, a.advisory_id, a.object_key, a.quality, a.statement_id
       FROM normaliser.assertion a JOIN normaliser.statement s ON s.id = a.statement_id
      WHERE a.row_id = ANY($1) AND $2 = ANY(s.channels) AND s.valid_until > $3`,
    [rowIds, channelId, now],
  );
  const statements = await manager.query<{ id: string; body: StatementBody }[]>(
    'SELECT id, body FROM normaliser.statement WHERE id = ANY($1)',
    [[...new Set(rows.map((row) => row.statement_id))]],
  );
  const bodies = new Map(statements.map(({ id, body }) => [id, body]));
  const doubted = await DoubtedRows.read(manager, [...new Set(rows.map((row) => row.row_id))]);
  const byRow = new Map<string, LiveAssertion[]>();
  for (const { row_id, advisory_id, object_key, quality, statement_id } of rows) {
    const body = bodies.get(statement_id);
    if (!body) continue;
    const live = byRow.get(row_id) ?? [];
    const assertion: LiveAssertion = {
      id: `${advisory_id}/${object_key}`,
      advisoryId: advisory_id,
      agency: body.agency,
      ...(quality === null ? {} : { quality }),
      statement: body.statement,
    };
    live.push(doubted.lower(row_id, assertion));
    byRow.set(row_id, live);
  }
  return byRow;
}

/** What each row is about: a signal or a bulletin. */
export async function readSubjects(
  manager: EntityManager,
  rowIds: readonly string[],
): Promise<Map<string, RowSubject>> {
  const signals = await manager.query<{ id: string; type: string; value: string }[]>(
    'SELECT id, type, value FROM normaliser.signal WHERE id = ANY($1) AND value IS NOT NULL',
    [rowIds],
  );
  const subjects = new Map<string, RowSubject>(signals.map(({ id, type, value }) => [id, { signal: { type, value } }]));
  if (subjects.size < rowIds.length) {
    const bulletins = await manager.query<{ row_id: string; body: Bulletin }[]>(
      'SELECT row_id, body FROM normaliser.bulletin WHERE row_id = ANY($1)',
      [rowIds],
    );
    for (const { row_id, body } of bulletins) subjects.set(row_id, { bulletin: body });
  }
  return subjects;
}

/** When the first of these assertions runs out: the row is looked at again then. */
export function dueAt(assertions: readonly LiveAssertion[]): Date {
  return new Date(Math.min(...assertions.map(({ statement }) => Date.parse(statement.validUntil))));
}
