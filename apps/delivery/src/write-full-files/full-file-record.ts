import { randomBytes } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import { v5 } from 'uuid';
import type { FullFileOf, FullFileWritten } from '#libs/connectors';
import { writeDisclosure } from '#libs/feed';
import { changeState, query, type AuditEntry } from '#libs/persistence';
import type { DeliveryTarget } from '../disclose-and-send/delivery-target.js';
import type { DueFile } from './due-files.js';

/** Namespace of the UUIDv5 ids made here (minted for Tocsin). */
const NAMESPACE = '0d5f4b6e-3a1c-4c8e-8f0a-7be2a6c2d9f1';
/** What could not be written is tried again after this time. */
const AGAIN_AFTER = '15 minutes';

/** A name of its own, beginning with the day. */
export function fullFileName(begunAt: Date): string {
  return `full-${begunAt.toISOString().slice(0, 10)}-${randomBytes(6).toString('hex')}`;
}

const disclosureOf = (of: FullFileOf): string => v5([of.subscriptionId, of.channelId, of.name].join('/'), NAMESPACE);

/** Whether another process wrote the file that is due, or has just found that it cannot be. */
export async function isDone(manager: EntityManager, { subscriptionId, channelId, since }: DueFile): Promise<boolean> {
  const done = await manager.query<object[]>(
    `SELECT FROM delivery.full_file WHERE subscription_id = $1 AND channel_id = $2 AND (begun_at >= $3 OR next_try_at > now())`,
    [subscriptionId, channelId, since],
  );
  return done.length > 0;
}

/** Writes down that a full file is going to leave, before any byte of it does. */
export async function noteBegun(manager: EntityManager, of: FullFileOf, head: bigint): Promise<AuditEntry> {
  await writeDisclosure(manager, 'delivery', { ...of, id: disclosureOf(of), walk: 5, outgoing: [], until: head });
  return {
    actor: 'service:delivery',
    action: 'begin-full-file',
    subject: `subscription/${of.subscriptionId}`,
    detail: { channel: of.channelId, revision: of.revision, full_file: of.name },
  };
}

const RECEIVED = `
  INSERT INTO delivery.receipt (disclosure_id, evidence) SELECT id, $2 FROM unnest($1::uuid[]) AS d (id)
  ON CONFLICT (disclosure_id) DO NOTHING`;

const NEWEST = `
  INSERT INTO delivery.full_file AS f (subscription_id, channel_id, begun_at, revision, position, records, bytes)
  VALUES ($1, $2, $3, $4, $5, $6, $7)
  ON CONFLICT (subscription_id, channel_id) DO UPDATE SET begun_at = excluded.begun_at, revision = excluded.revision,
    position = excluded.position, records = excluded.records, bytes = excluded.bytes, next_try_at = now()
  WHERE f.begun_at IS NULL OR f.begun_at < excluded.begun_at`;

/** Its manifest is in its place: the receipts of everything that it disclosed, and that the day has its file. */
export async function noteWritten(
  database: DataSource,
  of: FullFileOf,
  asOf: bigint,
  { file, parts, records, bytes }: FullFileWritten,
  disclosures: readonly string[],
): Promise<void> {
  await changeState(database, 'delivery', async (manager) => {
    await manager.query(RECEIVED, [[disclosureOf(of), ...disclosures], JSON.stringify({ file, records, bytes })]);
    const { subscriptionId, channelId, begunAt, revision } = of;
    await manager.query(NEWEST, [subscriptionId, channelId, begunAt, revision, asOf.toString(), records, bytes]);
    const detail = {
      channel: channelId,
      revision,
      full_file: of.name,
      position: asOf.toString(),
      parts,
      records,
      bytes,
    };
    const subject = `subscription/${subscriptionId}`;
    return { result: undefined, audit: { actor: 'service:delivery', action: 'write-full-file', subject, detail } };
  });
}

/** Has it tried again later. */
export async function putOff(database: DataSource, { subscriptionId, channelId }: DeliveryTarget): Promise<void> {
  await query(
    database,
    `INSERT INTO delivery.full_file (subscription_id, channel_id, next_try_at) VALUES ($1, $2, now() + interval '${AGAIN_AFTER}')
     ON CONFLICT (subscription_id, channel_id) DO UPDATE SET next_try_at = excluded.next_try_at`,
    [subscriptionId, channelId],
  );
}
