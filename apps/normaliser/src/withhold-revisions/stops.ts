import type { EntityManager } from 'typeorm';

/** SQL: whether a stop holds back what the agency of an expression (of type text) states. */
export const isStoppedAgency = (agencyId: string): string => `EXISTS (
  SELECT FROM directory.stop s WHERE s.lifted_at IS NULL
     AND (s.scope = 'everything' OR (s.scope = 'agency' AND s.subject = ${agencyId})))`;

/** Whether what an agency states is held back now. */
export async function isStopped(manager: EntityManager, agencyId: string): Promise<boolean> {
  const [row] = await manager.query<{ stopped: boolean }[]>(`SELECT ${isStoppedAgency('$1')} AS stopped`, [agencyId]);
  return row?.stopped ?? false;
}
