import type { DataSource } from 'typeorm';
import { changeState } from '#libs/persistence';
import type { Logger } from '#libs/runtime';

interface Overdue {
  retraction_id: string;
  platform_id: string;
}

const NEXT = `
  SELECT retraction_id, platform_id FROM platform_api.duty
   WHERE closed_at IS NULL AND escalated_at IS NULL AND due_at <= now() ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED`;

const ESCALATE = `
  UPDATE platform_api.duty SET escalated_at = now()
   WHERE retraction_id = $1 AND platform_id = $2 AND closed_at IS NULL AND escalated_at IS NULL AND due_at <= now()
  RETURNING channel_id`;

/**
 * Marks one retraction at one platform whose clock ran out as escalated: once, with its audit row, and a line in the log that
 * somebody can be called by. @returns whether there was one
 */
export async function escalateDuty(database: DataSource, logger: Logger): Promise<boolean> {
  const overdue = await changeState(database, 'platform_api', async (manager) => {
    // One replica at a time: what is escalated together is of several channels.
    await manager.query(`SELECT pg_advisory_xact_lock(hashtextextended('tocsin-escalate-duties', 0))`);
    const [next] = await manager.query<Overdue[]>(NEXT);
    if (!next) return { result: undefined, audit: undefined };
    const escalated = await manager.query<[{ channel_id: string }[], number]>(ESCALATE, [
      next.retraction_id,
      next.platform_id,
    ]);
    const channels = escalated[0].map(({ channel_id }) => channel_id);
    const audit = {
      actor: 'service:platform-api',
      action: 'escalate-duty',
      subject: `platform/${next.platform_id}`,
      reason: 'its clock ran out',
      detail: { retraction: next.retraction_id, channels },
    };
    return { result: { ...next, channels }, audit };
  });
  if (!overdue) return false;
  const { retraction_id: retraction, platform_id: platform, channels } = overdue;
  logger.warn({ retraction, platform, channels }, 'retraction-overdue');
  return true;
}
