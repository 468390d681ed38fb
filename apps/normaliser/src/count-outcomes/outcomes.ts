import type { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { LEAST_GROUPS, LEAST_PLATFORMS, periodOf } from '#libs/domain';
import { query } from '#libs/persistence';

const MOST_PERIODS = 52;

/** What platforms answered in one cell about the rows of an advisory. */
export interface OutcomeTotal {
  cell: string;
  /** Rows about which there is enough. */
  rows: number;
  /** One for each platform and row. */
  answers: number;
}

/** What an agency sees of the answers to an advisory of its own. */
export interface AdvisoryOutcomes {
  advisory_id: string;
  /** Nothing is a total of fewer. */
  least: { platforms: number; corporate_groups: number };
  /** Weeks in which there is something, newest first. */
  periods: { from: string; until: string; totals: OutcomeTotal[] }[];
  more: boolean;
  /** What platforms let be seen by name; in no total. */
  named: { platform_id: string; name: string; cell: string; rows: number; count?: number }[];
}

/**
 * Tells an agency what was answered to its advisory.
 * @param before a Monday; weeks before it are told
 * @throws a rejection `TOC_ACCESS_NOT_FOUND`, the same for another agency's advisory as for none
 */
export async function readOutcomes(
  database: DataSource,
  principal: Principal,
  advisoryId: string,
  before?: string,
): Promise<AdvisoryOutcomes> {
  const [advisory] = await query<{ agency_id: string }>(
    database,
    'SELECT agency_id FROM normaliser.advisory WHERE id = $1',
    [advisoryId],
  );
  authorise(principal, 'outcome:read', { organisationId: advisory?.agency_id ?? '' });
  const totals = await query<OutcomeTotal & { begins: string }>(
    database,
    `SELECT p.begins::text, b.cell, count(DISTINCT b.row_id)::integer AS rows, sum(b.platforms)::integer AS answers
       FROM (SELECT begins FROM normaliser.outcome_period w
              WHERE closed_at IS NOT NULL AND ($2::date IS NULL OR begins < $2)
                AND EXISTS (SELECT FROM normaliser.outcome_block_advisory a WHERE a.advisory_id = $1 AND a.period = w.begins)
              ORDER BY begins DESC LIMIT ${MOST_PERIODS + 1}) p
       JOIN normaliser.outcome_block_advisory a ON a.advisory_id = $1 AND a.period = p.begins
       JOIN normaliser.outcome_block b ON b.id = a.block_id
      GROUP BY p.begins, b.cell ORDER BY p.begins DESC, b.cell`,
    [advisoryId, before ?? null],
  );
  const periods = [...Map.groupBy(totals, ({ begins }) => begins)].map(([begins, those]) => {
    const { from, until } = periodOf(new Date(begins));
    return {
      ...{ from: from.toISOString(), until: until.toISOString() },
      totals: those.map(({ cell, rows, answers }) => ({ cell, rows, answers })),
    };
  });
  return {
    advisory_id: advisoryId,
    least: { platforms: LEAST_PLATFORMS, corporate_groups: LEAST_GROUPS },
    periods: periods.slice(0, MOST_PERIODS),
    more: periods.length > MOST_PERIODS,
    named: await readNamed(database, advisoryId),
  };
}

async function readNamed(database: DataSource, advisoryId: string): Promise<AdvisoryOutcomes['named']> {
  const rows = await query<{ platform_id: string; name: string; cell: string; rows: number; count: string | null }>(
    database,
    `SELECT n.platform_id, g.name, n.cell, count(DISTINCT n.row_id)::integer AS rows, sum(n.count) AS count
       FROM normaliser.named_answer n JOIN directory.organisation g ON g.id = n.platform_id
      WHERE n.advisory_id = $1 GROUP BY n.platform_id, g.name, n.cell ORDER BY g.name, n.cell LIMIT 1000`,
    [advisoryId],
  );
  return rows.map(({ count, ...named }) => ({ ...named, ...(count === null ? {} : { count: Number(count) }) }));
}
