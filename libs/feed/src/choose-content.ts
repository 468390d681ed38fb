import type { RowRecord } from '#libs/events';
import { bounded, type Choice, type Chosen, type FeedRow, type Waiting } from './chosen.js';
import { judgeRow, judgesRows, type RowRules, type Verdict } from './judge-row.js';
import { outOfFilter, type Outgoing } from './outgoing.js';
import { toldRows } from './told-rows.js';

const NEXT = bounded(
  `SELECT position, row_id, version, event_id, live, record FROM feed.row
   WHERE channel_id = $1 AND walk = 0 AND position > $2 AND position <= $3 ORDER BY position LIMIT $4`,
  '$5',
);

/**
 * The next content of a channel for one subscription: live rows that pass, and the end of those that it holds and that
 * expired or no longer pass; of these also what it was told, if the choice repeats ends. Only the newest version of a row is ever found here.
 * @returns undefined when there is nothing beyond `after`
 */
export async function chooseContent(choice: Choice, after: bigint, until: bigint): Promise<Chosen | undefined> {
  const { manager, channelId, limits } = choice;
  const parameters = [channelId, after.toString(), until.toString(), limits.records, limits.bytes];
  const next = await manager.query<FeedRow[]>(NEXT, parameters);
  const last = next.at(-1);
  return last && { ...(await judge(choice, next)), until: BigInt(last.position) };
}

interface Judged {
  row: FeedRow;
  /** Undefined when nothing had to be parsed, or could be. */
  parsed?: RowRecord;
  verdict: Verdict;
}

/** Decides about rows of the content walk, given in order of position. */
export async function judge(
  choice: Choice,
  rows: readonly FeedRow[],
): Promise<{ outgoing: Outgoing[]; waiting: Waiting[] }> {
  const judged = rows.map((row) => judgeOne(row, choice.rules));
  const out = judged.filter(({ verdict }) => verdict === 'out');
  const told = await toldRows(
    choice,
    out.map(({ row }) => BigInt(row.position)),
  );
  const held = new Set(out.filter((_, index) => (choice.repeatsEnds ? told[index] : told[index]?.lastWasLive)));
  const outgoing = judged.flatMap((one): Outgoing[] => {
    const position = BigInt(one.row.position);
    if (one.verdict === 'send') return [{ position, live: true, record: asPublished(one.row, 'row') }];
    if (!held.has(one) || (one.row.live && !one.parsed)) return [];
    const { subscriptionId, revision } = choice;
    const record = one.parsed ? outOfFilter(one.parsed, subscriptionId, revision) : asPublished(one.row, 'withdrawal');
    return [{ position, live: false, record }];
  });
  const waiting = judged.flatMap(({ verdict, row }) =>
    verdict === 'wait' ? [{ rowId: row.row_id, position: BigInt(row.position) }] : [],
  );
  return { outgoing, waiting };
}

/**
 * An expired row is out for everybody; its record is the withdrawal already. What cannot be read as a row is kept out
 * too: nobody can say whether it passes, and it must stop nothing (I9).
 */
function judgeOne(row: FeedRow, rules: RowRules): Judged {
  if (!row.live) return { row, verdict: 'out' };
  if (!judgesRows(rules)) return { row, verdict: 'send' };
  try {
    const parsed = JSON.parse(row.record) as RowRecord;
    return { row, parsed, verdict: judgeRow(parsed, rules) };
  } catch {
    return { row, verdict: 'out' };
  }
}

function asPublished(row: FeedRow, kind: 'row' | 'withdrawal'): Outgoing['record'] {
  return { eventId: row.event_id, rowId: row.row_id, version: row.version, kind, body: row.record };
}
