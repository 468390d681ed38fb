import { judge, toldRows, type Choice, type FeedRow, type Outgoing } from '#libs/feed';

/** Parked records whose turn has come. */
export interface ChosenParked {
  outgoing: Outgoing[];
  /** Which parked records the outgoing ones are. */
  walk: 0 | 1;
}

interface ParkedRow extends Omit<FeedRow, 'version' | 'event_id' | 'live' | 'record'> {
  walk: 0 | 1;
  because: 'refused' | 'stopped' | 'asked';
  version: number | null;
  event_id: string | null;
  live: boolean | null;
  record: string | null;
  newest: string | null;
}

/** Each walk by itself, so that the index gives what is due in order and never reads what waits. */
const dueOf = (walk: 0 | 1): string => `
    (SELECT * FROM delivery.parked
     WHERE subscription_id = $1 AND channel_id = $2 AND walk = ${walk} AND $3::integer <= ${walk} AND next_try_at <= now()
     ORDER BY next_try_at, position LIMIT $4)`;

/** A parked record is joined with the feed by position: a newer version of the row leaves nothing to join. */
const DUE = `
  SELECT p.position, p.row_id, p.walk, p.because, f.version, f.event_id, f.live, f.record, r.position AS newest
  FROM (${dueOf(1)} UNION ALL ${dueOf(0)}) p
  LEFT JOIN LATERAL (SELECT position FROM feed.row WHERE row_id = p.row_id AND channel_id = $2 LIMIT 1) r ON true
  LEFT JOIN LATERAL (
    SELECT version, event_id, live, record FROM feed.row
    WHERE p.walk = 0 AND row_id = p.row_id AND channel_id = $2 AND position = p.position AND walk = 0
    UNION ALL
    SELECT version, event_id, false, record FROM feed.withdrawal
    WHERE p.walk = 1 AND channel_id = $2 AND position = p.position AND row_id = p.row_id
  ) f ON true
  ORDER BY p.walk DESC, p.next_try_at, p.position`;

const DROP = `
  DELETE FROM delivery.parked WHERE subscription_id = $1 AND channel_id = $2 AND walk = $3 AND row_id = ANY ($4::uuid[])`;

const WAIT_AGAIN = `
  UPDATE delivery.parked SET next_try_at = NULL, because = 'stopped'
  WHERE subscription_id = $1 AND channel_id = $2 AND walk = 0 AND row_id = ANY ($3::uuid[])`;

/** Rows released from a stop may go together, but not so many that one batch would be large. */
const TOGETHER = 100;

type Present = ParkedRow & FeedRow & { newest: string };
const isPresent = (row: ParkedRow): row is Present => row.record !== null && row.newest !== null;

/**
 * The parked records to try now: one that was refused goes alone, rows that waited for a stop go together. What became
 * outdated meanwhile is dropped, what is still stopped waits on.
 * @param lowestWalk 1 when only withdrawals may go
 * @returns undefined when none is due
 */
export async function chooseParked(choice: Choice, lowestWalk: 0 | 1): Promise<ChosenParked | undefined> {
  const { manager, subscriptionId, channelId, limits } = choice;
  const most = Math.min(TOGETHER, limits.records);
  const due = await manager.query<ParkedRow[]>(DUE, [subscriptionId, channelId, lowestWalk, most]);
  const [first] = due;
  if (!first) return undefined;
  const { walk, because } = first;
  const turn = because === 'refused' ? [first] : due.filter((row) => row.walk === walk && row.because === because);
  const present = turn.filter(isPresent).sort((a, b) => Number(BigInt(a.position) - BigInt(b.position)));
  const outgoing = walk === 1 ? await withdrawalsToRepeat(choice, present) : await contentToTry(choice, present);
  const dropped = turn.filter(({ row_id }) => !outgoing.kept.has(row_id));
  await manager.query(DROP, [subscriptionId, channelId, walk, dropped.map(({ row_id }) => row_id)]);
  return { outgoing: outgoing.records, walk };
}

interface Turn {
  records: Outgoing[];
  /** Rows that stay parked. */
  kept: ReadonlySet<string>;
}

async function withdrawalsToRepeat(choice: Choice, rows: readonly Present[]): Promise<Turn> {
  const newest = rows.map((row) => BigInt(row.newest));
  const told = await toldRows(choice, newest);
  const records = rows.flatMap(({ position, row_id: rowId, version, event_id: eventId, record: body }, index) =>
    (told[index]?.liveAt ?? BigInt(position)) < BigInt(position)
      ? [
          {
            position: BigInt(position),
            live: false,
            record: { eventId, rowId, version, kind: 'withdrawal' as const, body },
          },
        ]
      : [],
  );
  return { records, kept: new Set(records.map(({ record }) => record.rowId)) };
}

async function contentToTry(choice: Choice, rows: readonly Present[]): Promise<Turn> {
  const { outgoing, waiting } = await judge(choice, rows);
  const stillWaiting = waiting.map(({ rowId }) => rowId);
  await choice.manager.query(WAIT_AGAIN, [choice.subscriptionId, choice.channelId, stillWaiting]);
  return { records: outgoing, kept: new Set([...outgoing.map(({ record }) => record.rowId), ...stillWaiting]) };
}
