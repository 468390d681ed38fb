import { createHash, randomBytes } from 'node:crypto';
import type { EntityManager } from 'typeorm';

/** Who did what to what, and why. `detail` may be erased later; the commitment stays. */
export interface AuditEntry {
  /** Person id, or `service:<app>` when nobody asked. */
  actor: string;
  /** A verb phrase, e.g. `accept-submission`. */
  action: string;
  /** Kind and id: `submission/0193…`. */
  subject: string;
  reason?: string;
  /** Ids and counts; no signal values and no words of a submission. */
  detail?: Record<string, unknown>;
}

/** The commitment of an audit row: SHA-256 over salt and detail text. */
export function auditCommitment(salt: Buffer, detail: string): Buffer {
  return createHash('sha256').update(salt).update(detail).digest();
}

/** Schemas that keep audit rows, each written by one app. */
export type AuditedSchema = 'directory' | 'intake' | 'normaliser' | 'delivery' | 'platform_api';

/** Writes the transaction's one audit row (I12); a second one in the same transaction fails. */
export async function writeAuditRow(manager: EntityManager, schema: AuditedSchema, entry: AuditEntry): Promise<void> {
  const detail = JSON.stringify(entry.detail ?? {});
  const salt = randomBytes(16);
  await manager.query(
    `INSERT INTO ${schema}.audit (actor, action, subject, reason, detail, salt, commitment) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [entry.actor, entry.action, entry.subject, entry.reason ?? null, detail, salt, auditCommitment(salt, detail)],
  );
}
