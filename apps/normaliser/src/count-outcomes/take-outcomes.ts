import type { EntityManager } from 'typeorm';
import { isOnRow, outcomeOf, type Feedback, type Outcome } from '#libs/domain';

/** An answer of a platform. */
export interface AnswerGiven {
  feedbackId: string;
  platformId: string;
  feedback: Feedback;
}

/** An answer that counts for some advisories. */
interface Counting extends Outcome {
  feedbackId: string;
  platformId: string;
  channel: string;
  rowId: string;
  count: number | null;
  advisories: string[];
}

const keyOf = ({ channel, rowId, kind, platformId }: Counting): string =>
  `${channel}\0${rowId}\0${kind}\0${platformId}`;

/**
 * Takes what counts of a batch of answers. One counts for the advisories whose word about the row stands on its channel
 * now, and stood when what was counted began; so a total never says that somebody else said the same before (I17). What a
 * platform lets an agency see by name goes into no total.
 * @returns how many were counted, and how many are shown by name
 */
export async function takeOutcomes(
  manager: EntityManager,
  given: readonly AnswerGiven[],
  now: Date,
): Promise<{ counted: number; named: number }> {
  const counting = await findWords(manager, given);
  if (counting.length === 0) return { counted: 0, named: 0 };
  const namings = await readNamings(manager, counting);
  const isNamed = (answer: Counting, advisory: string): boolean => namings.has(`${answer.platformId}\0${advisory}`);
  const named = counting.filter((answer) => answer.advisories.some((advisory) => isNamed(answer, advisory)));
  // In the order of the key, so that two batches cannot wait for each other; the newest of a platform counts.
  const open = new Map(
    counting
      .filter((answer) => !named.includes(answer))
      .map((answer) => [keyOf(answer), answer] as const)
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );
  await countOpen(manager, [...open.values()], now);
  const shown = await keepNamed(manager, named, isNamed);
  return { counted: open.size, named: shown };
}

/** Finds for which advisories each answer counts; what counts for none is left out. */
async function findWords(manager: EntityManager, given: readonly AnswerGiven[]): Promise<Counting[]> {
  const about = given.flatMap(({ feedback, ...answer }) => {
    const outcome = outcomeOf(feedback);
    if (!outcome || !isOnRow(feedback)) return [];
    const count = 'count' in feedback ? feedback.count : null;
    return [{ ...answer, ...outcome, channel: feedback.channel, rowId: feedback.row_id, count }];
  });
  if (about.length === 0) return [];
  const words = await manager.query<{ channel_id: string; row_id: string; advisory_id: string; since: Date }[]>(
    `SELECT k.channel_id, k.row_id, a.advisory_id, min(a.since) AS since
       FROM (SELECT DISTINCT * FROM unnest($1::text[], $2::uuid[])) AS k(channel_id, row_id)
       JOIN normaliser.assertion a ON a.row_id = k.row_id
       JOIN normaliser.statement s ON s.id = a.statement_id AND k.channel_id = ANY (s.channels)
      GROUP BY k.channel_id, k.row_id, a.advisory_id`,
    [about.map(({ channel }) => channel), about.map(({ rowId }) => rowId)],
  );
  const byRow = Map.groupBy(words, ({ channel_id, row_id }) => `${channel_id}\0${row_id}`);
  return about.flatMap((answer) => {
    const standing = (byRow.get(`${answer.channel}\0${answer.rowId}`) ?? []).filter(
      ({ since }) => answer.from === undefined || Date.parse(answer.from) >= since.getTime(),
    );
    const advisories = standing.map(({ advisory_id }) => advisory_id);
    return advisories.length > 0 ? [{ ...answer, advisories }] : [];
  });
}

/** Which platforms let which advisories' agencies see their answers by name; none ends before the transaction has. */
async function readNamings(manager: EntityManager, counting: readonly Counting[]): Promise<ReadonlySet<string>> {
  const rows = await manager.query<{ platform_id: string; advisory_id: string }[]>(
    `SELECT platform_id, advisory_id FROM normaliser.naming
      WHERE platform_id = ANY($1) AND advisory_id = ANY($2) ORDER BY platform_id, advisory_id FOR SHARE`,
    [counting.map(({ platformId }) => platformId), counting.flatMap(({ advisories }) => advisories)],
  );
  return new Set(rows.map(({ platform_id, advisory_id }) => `${platform_id}\0${advisory_id}`));
}

/** What is in a block already stays as it was published; what was shown by name once comes into none. */
async function countOpen(manager: EntityManager, open: readonly Counting[], now: Date): Promise<void> {
  if (open.length === 0) return;
  const rows = open.map(({ channel, rowId, kind, platformId, cell, advisories }) => ({
    ...{ channel_id: channel, row_id: rowId, kind, platform_id: platformId, cell, advisories },
  }));
  await manager.query(
    `INSERT INTO normaliser.outcome AS o (channel_id, row_id, kind, platform_id, cell, advisories, taken_at)
     SELECT channel_id, row_id, kind, platform_id, cell, advisories, $2
       FROM jsonb_to_recordset($1) AS r(channel_id text, row_id uuid, kind text, platform_id uuid, cell text, advisories uuid[])
      WHERE NOT EXISTS (SELECT FROM normaliser.once_named n WHERE n.row_id = r.row_id AND n.platform_id = r.platform_id)
     ON CONFLICT (channel_id, row_id, kind, platform_id) DO UPDATE
       SET cell = excluded.cell, advisories = excluded.advisories, taken_at = excluded.taken_at
       WHERE o.block_id IS NULL`,
    [JSON.stringify(rows), now],
  );
}

/**
 * Keeps what is shown by name, and takes all that the platform said about the row out of what is open, for good. Where anything of
 * it is in a block already nothing is shown by name: the others of the block would be fewer.
 */
async function keepNamed(
  manager: EntityManager,
  named: readonly Counting[],
  isNamed: (answer: Counting, advisory: string) => boolean,
): Promise<number> {
  if (named.length === 0) return 0;
  const about = [named.map(({ rowId }) => rowId), named.map(({ platformId }) => platformId)];
  const matches = `FROM normaliser.outcome o
      WHERE (o.row_id, o.platform_id) IN (SELECT * FROM unnest($1::uuid[], $2::uuid[]))`;
  // Locked, so that none of them comes into a block at this moment.
  const there = await manager.query<{ row_id: string; platform_id: string; block_id: string | null }[]>(
    `SELECT row_id, platform_id, block_id ${matches} ORDER BY channel_id, row_id, kind, platform_id FOR UPDATE`,
    about,
  );
  const published = new Set(
    there.filter(({ block_id }) => block_id !== null).map(({ row_id, platform_id }) => `${row_id}\0${platform_id}`),
  );
  const shown = named
    .filter(({ rowId, platformId }) => !published.has(`${rowId}\0${platformId}`))
    .flatMap((answer) =>
      answer.advisories.filter((advisory) => isNamed(answer, advisory)).map((advisory) => ({ ...answer, advisory })),
    );
  await manager.query(
    `WITH once AS (
       INSERT INTO normaliser.once_named (row_id, platform_id)
       SELECT DISTINCT * FROM unnest($1::uuid[], $2::uuid[]) ORDER BY 1, 2 ON CONFLICT DO NOTHING
     ) DELETE ${matches} AND o.block_id IS NULL`,
    [shown.map(({ rowId }) => rowId), shown.map(({ platformId }) => platformId)],
  );
  await manager.query(
    `INSERT INTO normaliser.named_answer (advisory_id, platform_id, feedback_id, row_id, cell, count)
     SELECT * FROM unnest($1::uuid[], $2::uuid[], $3::uuid[], $4::uuid[], $5::text[], $6::integer[])
     ON CONFLICT DO NOTHING`,
    [
      shown.map(({ advisory }) => advisory),
      shown.map(({ platformId }) => platformId),
      shown.map(({ feedbackId }) => feedbackId),
      shown.map(({ rowId }) => rowId),
      shown.map(({ cell }) => cell),
      shown.map(({ count }) => count),
    ],
  );
  return shown.length;
}
