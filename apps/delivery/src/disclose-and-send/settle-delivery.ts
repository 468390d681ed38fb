import type { DataSource } from 'typeorm';
import { changeState, type AuditEntry } from '#libs/persistence';
import type { DeliveryTarget, PreparedDelivery } from './delivery-target.js';
import { parkRefused, tryAlone, unpark } from '../choose-records/parked-rows.js';
import { attemptRow, attemptValues, type Attempt } from '../keep-attempts/attempts.js';
import { moveRecovery } from '../send-again/recovery.js';
import { moveCursor } from './move-cursor.js';

/** The receipt, the cursor (where a position is given), the attempt and the endpoint's good health, in one statement. */
const RECEIVE = `
  WITH received AS (
    INSERT INTO delivery.receipt (disclosure_id, evidence) VALUES ($1, $2) ON CONFLICT (disclosure_id) DO NOTHING
  ), moved AS (
    INSERT INTO delivery.cursor (subscription_id, channel_id, revision, walk, position)
    SELECT $3, $4, $5, $6, $7 WHERE $7::bigint IS NOT NULL
    ON CONFLICT (subscription_id, channel_id, revision, walk)
    DO UPDATE SET position = greatest(cursor.position, excluded.position)
  ), attempted AS (
    ${attemptRow(8)}
  )
  INSERT INTO delivery.endpoint (subscription_id, last_sent_at) VALUES ($3, now())
  ON CONFLICT (subscription_id) DO UPDATE SET last_sent_at = now(), failing_since = NULL, attempts = 0,
    next_try_at = NULL, last_detail = NULL`;

function audit(
  target: DeliveryTarget,
  action: string,
  { batch, walk }: PreparedDelivery,
  detail: object = {},
): AuditEntry {
  return {
    actor: 'service:delivery',
    action,
    subject: `subscription/${target.subscriptionId}`,
    detail: { channel: target.channelId, batch_id: batch.batchId, walk, records: batch.records.length, ...detail },
  };
}

/** The receiver has it: the receipt and the cursor in one transaction. */
export async function settleSent(
  database: DataSource,
  target: DeliveryTarget,
  delivery: PreparedDelivery,
  evidence: Record<string, string | number>,
  attempt: Attempt,
): Promise<void> {
  const { batch, walk, parked, recovers, until, outgoing, hasParked } = delivery;
  await changeState(database, 'delivery', async (manager) => {
    await manager.query(RECEIVE, [
      ...[batch.batchId, JSON.stringify(evidence), target.subscriptionId, target.channelId, batch.revision, walk],
      parked || recovers ? null : until.toString(),
      ...attemptValues(target, delivery, attempt),
    ]);
    if (recovers && walk !== 2) await moveRecovery(manager, target, walk, recovers, until);
    if (hasParked && walk !== 2) await unpark(manager, target, outgoing);
    return { result: undefined, audit: audit(target, 'record-receipt', delivery) };
  });
}

/**
 * The receiver does not want this one record: it is parked with its own retry, and the cursor goes on. Rows that were
 * released from a stop together are from now on tried one by one.
 */
export async function settleParked(
  database: DataSource,
  target: DeliveryTarget,
  delivery: PreparedDelivery,
  detail: string,
): Promise<void> {
  const { batch, walk, parked, recovers, until, outgoing } = delivery;
  const [only, ...others] = outgoing;
  if (!only || walk === 2) return;
  await changeState(database, 'delivery', async (manager) => {
    if (others.length > 0) {
      await tryAlone(
        manager,
        target,
        walk,
        outgoing.map(({ record }) => record.rowId),
      );
    } else {
      await parkRefused(manager, target, { rowId: only.record.rowId, position: only.position, walk, detail });
      if (recovers) await moveRecovery(manager, target, walk, recovers, until);
      else if (!parked) await moveCursor(manager, { ...target, revision: batch.revision, walk, position: until });
    }
    return { result: undefined, audit: audit(target, 'park', delivery, { because: 'refused' }) };
  });
}
