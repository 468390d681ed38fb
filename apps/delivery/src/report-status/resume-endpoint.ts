import type { DataSource } from 'typeorm';
import { rejection } from '#libs/domain';
import { changeState } from '#libs/persistence';

/**
 * Lifts the pause of an endpoint and has it tried at once: withdrawals first, then the rows that are live by now.
 * Resuming what is not paused clears its backoff.
 * @throws a rejection `TOC_ACCESS_NOT_FOUND`
 */
export async function resumeEndpoint(database: DataSource, subscriptionId: string, actor: string): Promise<void> {
  await changeState(database, 'delivery', async (manager) => {
    const [known] = await manager.query<object[]>(`SELECT FROM directory.subscription WHERE id = $1`, [subscriptionId]);
    if (!known) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such subscription.');
    const resumed = await manager.query<{ was_paused: boolean }[]>(
      `WITH before AS (
         SELECT subscription_id, paused_at IS NOT NULL AS was_paused FROM delivery.endpoint WHERE subscription_id = $1 FOR UPDATE
       ), resumed AS (
         UPDATE delivery.endpoint e SET paused_at = NULL, paused_because = NULL, failing_since = NULL, attempts = 0, next_try_at = NULL
         FROM before WHERE e.subscription_id = before.subscription_id
       )
       SELECT was_paused FROM before`,
      [subscriptionId],
    );
    const subject = `subscription/${subscriptionId}`;
    const audit = resumed.some(({ was_paused }) => was_paused)
      ? { actor, action: 'resume-endpoint', subject }
      : undefined;
    return { result: undefined, audit };
  });
}
