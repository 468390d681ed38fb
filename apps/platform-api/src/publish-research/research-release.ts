import type { EntityManager } from 'typeorm';
import { LEAST_GROUPS, LEAST_PLATFORMS, RETRACTION_REASONS } from '#libs/domain';
import type { Quarter } from './quarter.js';
import { LEAST_SHOWN, withholdSmall, type Cell } from './withhold-small.js';
import {
  enoughPlatforms,
  MOST_OF_ONE,
  restoredShare,
  type Groups,
  type PlatformRestored,
  type Restored,
} from './withhold-platforms.js';

/** Counts by one word each, and how many words are not shown because of too small counts. */
interface Table<Name extends string> {
  counts: ({ word: string } & Record<Name, number>)[];
  withheld: number;
}

/**
 * What is public of a quarter: no value, no row, no agency, no platform and no text of anybody. There are no sums over
 * tables. An advisory counts in every quarter in which it began to assert signals, once for each word.
 */
export interface ResearchRelease {
  format: 'tocsin.research-release.v1';
  quarter: string;
  from: string;
  until: string;
  least: { advisories: number; platforms: number; corporate_groups: number };
  advisories: Record<'by_harm' | 'by_context' | 'by_nature' | 'by_country', Table<'advisories'>>;
  /** How often an advisory began to assert a signal. Withheld where few advisories, or mostly one, are behind it. */
  signals: { by_type: Table<'signals'> };
  retractions: {
    by_reason: Table<'retractions'>;
    /** Of those for an error: how old the advisory was. Absent where a reason that is an error is withheld: the sums would tell it. */
    errors_by_age?: Table<'retractions'>;
  };
  /** Decided in the quarter, of those that enough platforms raised each; by reason and decision. */
  disputes: Table<'disputes'>;
  restored?: Restored;
}

const ERRORS = Object.entries(RETRACTION_REASONS)
  .filter(([, { error }]) => error)
  .map(([reason]) => reason);

const wordsOf = (words: string): string => `
  SELECT w.word, count(DISTINCT f.advisory_id)::integer AS count FROM normaliser.research_fact f
    CROSS JOIN LATERAL (${words}) w
   WHERE f.at >= $1 AND f.at < $2 AND w.word IS NOT NULL GROUP BY w.word ORDER BY w.word COLLATE "C"`;

const TYPES = `
  SELECT signal_type AS word, count(*)::integer AS count, sum(signals)::float8 AS signals, max(signals)::float8 AS most
    FROM (SELECT signal_type, sum(signals) AS signals FROM normaliser.research_fact WHERE at >= $1 AND at < $2
           GROUP BY signal_type, advisory_id) a
   GROUP BY signal_type ORDER BY signal_type COLLATE "C"`;

/** Each advisory once in each retraction, at its first end of a word; drills are no retractions. */
const ENDS = `
  SELECT e.retraction_id, e.advisory_id, min(e.reason) AS reason, min(e.ended_at) AS ended_at FROM normaliser.word_end e
    JOIN directory.channel c ON c.id = e.channel_id AND NOT c.drill
   WHERE e.ended_at >= $1 AND e.ended_at < $2
     AND NOT EXISTS (SELECT FROM normaliser.word_end b JOIN directory.channel h ON h.id = b.channel_id AND NOT h.drill
          WHERE b.retraction_id = e.retraction_id AND b.advisory_id = e.advisory_id AND b.ended_at < $1)
   GROUP BY e.retraction_id, e.advisory_id`;

const REASONS = `
  SELECT reason AS word, count(*)::integer AS count FROM (${ENDS}) e GROUP BY reason ORDER BY reason COLLATE "C"`;

const AGES = `
  SELECT width_bucket(extract(epoch FROM e.ended_at - a.created_at), ARRAY[3600, 14400, 86400, 604800, 2592000])::text AS word,
    count(*)::integer AS count
    FROM (${ENDS}) e JOIN normaliser.advisory a ON a.id = e.advisory_id
   WHERE e.reason = ANY ($3) GROUP BY 1 ORDER BY 1`;
const AGE_WORDS = ['under-1-hour', 'under-4-hours', 'under-1-day', 'under-7-days', 'under-30-days', 'longer'];

/** A voice that came later does not change what was published. */
const DISPUTES = `
  SELECT d.reason || '/' || d.state AS word, array_agg(f.platform_id::text) AS platforms
    FROM normaliser.dispute d JOIN normaliser.dispute_voice v ON v.dispute_id = d.id
    JOIN platform_api.feedback f ON f.id = v.feedback_id AND f.received_at < $2
   WHERE d.decided_at >= $1 AND d.decided_at < $2 GROUP BY d.id, d.reason, d.state ORDER BY d.reason COLLATE "C", d.state COLLATE "C", d.id`;

/** The last word of each platform about each row. */
const RESTORED = `
  SELECT platform_id AS platform, count(*)::integer AS rows, count(*) FILTER (WHERE outcome = 'restored')::integer AS restored
    FROM (SELECT DISTINCT ON (platform_id, row_id) platform_id, said->>'outcome' AS outcome FROM platform_api.feedback
           WHERE kind = 'confirmation' AND received_at >= $1 AND received_at < $2
             AND NOT EXISTS (SELECT FROM directory.channel c WHERE c.id = channel_id AND c.drill)
           ORDER BY platform_id, row_id, received_at DESC, id DESC) last
   GROUP BY platform_id ORDER BY platform_id`;

/** In the order of the first of each. */
function countWords(all: readonly { word: string }[]): Cell[] {
  return [...Map.groupBy(all, ({ word }) => word)].map(([word, those]) => ({ word, count: those.length }));
}

function table<Name extends string>(name: Name, cells: readonly (Cell & { shown?: number })[]): Table<Name> {
  const { shown, withheld } = withholdSmall(cells);
  const counts = shown.map(({ word, count, shown: other }) => ({ word, [name]: other ?? count }));
  return { counts: counts as Table<Name>['counts'], withheld };
}

/**
 * Counts a quarter from what was written down as it happened and is never changed, so that it comes out the same at any time.
 * @param groups of platforms, as recorded when it is or was published
 */
export async function countQuarter(
  manager: EntityManager,
  { name, from, until }: Quarter,
  groups: Groups,
): Promise<ResearchRelease> {
  const read = <Row>(sql: string, ...more: unknown[]): Promise<Row[]> =>
    manager.query<Row[]>(sql, [from, until, ...more]);
  const advisories = async (words: string): Promise<Table<'advisories'>> =>
    table('advisories', await read<Cell>(wordsOf(words)));
  const types = await read<Cell & { signals: number; most: number }>(TYPES);
  const ages = await read<Cell>(AGES, ERRORS);
  const reasons = table('retractions', await read<Cell>(REASONS));
  const errorsAreShown = ERRORS.every(
    (reason) => reasons.withheld === 0 || reasons.counts.some(({ word }) => word === reason),
  );
  const disputes = await read<{ word: string; platforms: string[] }>(DISPUTES);
  const restored = restoredShare(await read<PlatformRestored>(RESTORED), groups);
  return {
    format: 'tocsin.research-release.v1',
    ...{ quarter: name, from: from.toISOString(), until: until.toISOString() },
    least: { advisories: LEAST_SHOWN, platforms: LEAST_PLATFORMS, corporate_groups: LEAST_GROUPS },
    advisories: {
      by_harm: await advisories('SELECT DISTINCT unnest(f.harms) AS word'),
      by_context: await advisories('SELECT f.context AS word'),
      by_nature: await advisories('SELECT f.nature AS word'),
      by_country: await advisories('SELECT f.country AS word'),
    },
    signals: {
      by_type: table(
        'signals',
        // Where one advisory is most of it, its agency's share would show: as if nobody were behind it.
        types.map(({ word, count, signals, most }) => ({
          ...{ word, shown: signals },
          count: most > signals * MOST_OF_ONE ? 0 : count,
        })),
      ),
    },
    retractions: {
      by_reason: reasons,
      ...(errorsAreShown && {
        errors_by_age: table(
          'retractions',
          ages.map(({ word, count }) => ({ word: AGE_WORDS[Number(word)] ?? word, count })),
        ),
      }),
    },
    disputes: table('disputes', countWords(disputes.filter(({ platforms }) => enoughPlatforms(platforms, groups)))),
    ...(restored && { restored }),
  };
}
