import { bounded, type Choice, type Chosen, type FeedRow } from './chosen.js';
import { toldRows } from './told-rows.js';

const NEXT = bounded(
  `SELECT w.position, w.row_id, w.version, w.event_id, false AS live, w.record, r.position AS newest
   FROM feed.withdrawal w
   CROSS JOIN LATERAL (SELECT position FROM feed.row WHERE row_id = w.row_id AND channel_id = $1 LIMIT 1) r
   WHERE w.channel_id = $1 AND w.position > $2 AND w.position <= $3 ORDER BY w.position LIMIT $4`,
  '$5',
);

/**
 * The next withdrawals of a channel for one subscription: those of rows that were disclosed to it (I4) and of which it
 * was not given a newer version since (I3). A row that lives again is no reason to leave its withdrawal out.
 * @returns undefined when there is none beyond `after`
 */
export async function chooseWithdrawals(choice: Choice, after: bigint, until: bigint): Promise<Chosen | undefined> {
  const { manager, channelId, limits } = choice;
  const next = await manager.query<(FeedRow & { newest: string })[]>(NEXT, [
    channelId,
    after.toString(),
    until.toString(),
    limits.records,
    limits.bytes,
  ]);
  const last = next.at(-1);
  if (!last) return undefined;
  const told = await toldRows(
    choice,
    next.map(({ newest }) => BigInt(newest)),
  );
  const outgoing = next.flatMap(({ position, row_id: rowId, version, event_id: eventId, record: body }, index) => {
    const before = told[index];
    if (!before || before.liveAt > BigInt(position)) return [];
    return [
      {
        position: BigInt(position),
        live: false,
        record: { eventId, rowId, version, kind: 'withdrawal' as const, body },
      },
    ];
  });
  return { outgoing, waiting: [], until: BigInt(last.position) };
}
