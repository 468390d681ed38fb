import type { EntityManager } from 'typeorm';
import type { Ledger } from './ledger.js';
import type { Outgoing } from './outgoing.js';
import { positionRanges } from './position-ranges.js';

/** What is about to be disclosed. */
export interface Disclosure {
  /** The same for a repeat. */
  id: string;
  platformId: string;
  subscriptionId: string;
  channelId: string;
  revision: number;
  /**
   * 0 content, 1 withdrawals, 2 the end of a membership, which is about no row, 3 content that waited for a stop, 4 both in
   * order of position, 5 what a full file says beyond what was told already.
   */
  walk: 0 | 1 | 2 | 3 | 4 | 5;
  outgoing: readonly Outgoing[];
  /** Position of the last record that was looked at for it. */
  until: bigint;
}

const disclose = (ledger: Ledger): string => `
  WITH made AS (
    INSERT INTO ${ledger}.disclosure (id, platform_id, subscription_id, channel_id, revision, walk, records, until_position)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (id) DO NOTHING RETURNING id
  ), covered AS (
    INSERT INTO ${ledger}.disclosed
      (subscription_id, channel_id, live, from_position, to_position, revision, disclosure_id)
    SELECT $3, $4, r.live, r.from_position, r.to_position, $5, made.id
    FROM made, unnest($9::boolean[], $10::bigint[], $11::bigint[]) AS r (live, from_position, to_position)
  )
  SELECT id FROM made`;

/**
 * Writes down, before any byte leaves, what is about to be disclosed. What was disclosed before under the same id is a
 * repeat and adds nothing.
 * @returns whether it is new
 */
export async function writeDisclosure(
  manager: EntityManager,
  ledger: Ledger,
  { id, platformId, subscriptionId, channelId, revision, walk, outgoing, until }: Disclosure,
): Promise<boolean> {
  const aboutRows = walk === 2 ? [] : outgoing;
  const ranges = [true, false].flatMap((live) => {
    const positions = aboutRows.filter((one) => one.live === live).map(({ position }) => position);
    return positionRanges(positions).map((range) => ({ live, ...range }));
  });
  const made = await manager.query<object[]>(disclose(ledger), [
    ...[id, platformId, subscriptionId, channelId, revision, walk, outgoing.length, until.toString()],
    ranges.map(({ live }) => live),
    ranges.map(({ from }) => from.toString()),
    ranges.map(({ to }) => to.toString()),
  ]);
  return made.length > 0;
}

/**
 * An SQL expression that tells whether it is this transaction's turn to disclose: disclosures of one subscription on one
 * channel follow one another, also between processes, so that who looks for withdrawals sees every disclosure that was made
 * before. Held to the end of the transaction. It never waits: a statement that had waited would tell of the time before.
 * @param subscription @param channel SQL expressions of the two ids
 */
export function disclosureTurn(subscription: string, channel: string): string {
  return `pg_try_advisory_xact_lock(${turnKey(subscription, channel)})`;
}

/** Waits for the turn of {@link disclosureTurn}; what was read before it has to be read again. */
export async function awaitDisclosureTurn(
  manager: EntityManager,
  subscriptionId: string,
  channelId: string,
): Promise<void> {
  await manager.query(`SELECT pg_advisory_xact_lock(${turnKey('$1', '$2')})`, [subscriptionId, channelId]);
}

function turnKey(subscription: string, channel: string): string {
  return `hashtextextended('tocsin-disclosure/' || ${subscription}::uuid || '/' || ${channel}::text, 0)`;
}
