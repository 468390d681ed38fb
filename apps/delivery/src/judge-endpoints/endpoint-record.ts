import type { DataSource } from 'typeorm';
import { changeState, query } from '#libs/persistence';
import { notePause } from '../announce-endpoints/endpoint-notices.js';
import type { EndpointState } from './endpoint-health.js';

/** Reads what is known of the endpoint of a subscription. */
export async function readEndpoint(database: DataSource, subscriptionId: string): Promise<EndpointState> {
  const [row] = await query<{
    failing_since: Date | null;
    attempts: number;
    next_try_at: Date | null;
    paused_at: Date | null;
  }>(
    database,
    `SELECT failing_since, attempts, next_try_at, paused_at FROM delivery.endpoint WHERE subscription_id = $1`,
    [subscriptionId],
  );
  return {
    failingSince: row?.failing_since ?? undefined,
    attempts: row?.attempts ?? 0,
    nextTryAt: row?.next_try_at ?? undefined,
    pausedAt: row?.paused_at ?? undefined,
  };
}

/** Keeps when to try again, so that a restart does not begin anew. */
export async function noteFailure(
  database: DataSource,
  subscriptionId: string,
  { failingSince, attempts, nextTryAt }: Readonly<EndpointState>,
  detail: string,
): Promise<void> {
  await query(
    database,
    `INSERT INTO delivery.endpoint (subscription_id, failing_since, attempts, next_try_at, last_detail)
     VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT (subscription_id) DO UPDATE SET failing_since = excluded.failing_since, attempts = excluded.attempts,
       next_try_at = excluded.next_try_at, last_detail = excluded.last_detail`,
    [subscriptionId, failingSince ?? null, attempts, nextTryAt ?? null, detail],
  );
}

/** Pauses the endpoint: no more content until a person resumes it; cursors stay, withdrawals go on being tried. */
export async function pauseEndpoint(database: DataSource, subscriptionId: string, because: string): Promise<void> {
  await changeState(database, 'delivery', async (manager) => {
    const [paused] = await manager.query<object[]>(
      `INSERT INTO delivery.endpoint (subscription_id, paused_at, paused_because, last_detail) VALUES ($1, now(), $2, $2)
       ON CONFLICT (subscription_id) DO UPDATE SET paused_at = now(), paused_because = excluded.paused_because,
         last_detail = excluded.last_detail
       WHERE endpoint.paused_at IS NULL RETURNING subscription_id`,
      [subscriptionId, because],
    );
    if (paused) await notePause(manager, subscriptionId);
    const subject = `subscription/${subscriptionId}`;
    return {
      result: undefined,
      audit: paused && { actor: 'service:delivery', action: 'pause-endpoint', subject, reason: because },
    };
  });
}
