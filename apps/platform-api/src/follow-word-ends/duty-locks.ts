import type { EntityManager } from 'typeorm';

/**
 * Who opens duties on a channel does so `alone`; who confirms does so together with others. So none misses the other.
 * Held to the end of the transaction.
 */
export async function dutiesOfChannel(
  manager: EntityManager,
  channelId: string,
  how: 'alone' | 'together',
): Promise<void> {
  const lock = how === 'alone' ? 'pg_advisory_xact_lock' : 'pg_advisory_xact_lock_shared';
  await manager.query(`SELECT ${lock}(hashtextextended('tocsin-duties/' || $1::text, 0))`, [channelId]);
}
