import type { EntityManager } from 'typeorm';
import { lookUpRange } from '#libs/feed';

const SHORTEST = 3;
const LONGEST = 6;
/** Live rows that answer to one prefix on average, at most. */
const ROWS_OF_A_PREFIX = 16;
/** The part of a channel that is counted to know its size: digests are spread evenly. */
const COUNTED = '00';

/**
 * How many hexadecimal digits of a digest are asked for: as few as leave answers small, so that as little as possible is told.
 * @param rows of the channel that can be looked up
 */
export function prefixLengthFor(rows: number): number {
  for (let length = SHORTEST; length < LONGEST; length += 1) if (rows / 16 ** length <= ROWS_OF_A_PREFIX) return length;
  return LONGEST;
}

/** Rows of a channel that can be looked up, told from a 256th of them. */
export async function countLookedUp(manager: EntityManager, channelId: string): Promise<number> {
  const { from, to } = lookUpRange(COUNTED);
  const [row] = await manager.query<{ rows: number }[]>(
    'SELECT count(*)::integer AS rows FROM feed.row WHERE channel_id = $1 AND look_up >= $2 AND look_up < $3',
    [channelId, from, to],
  );
  return (row?.rows ?? 0) * 16 ** COUNTED.length;
}
