import { createHash } from 'node:crypto';

/** What makes two submissions the same one, beside the document. */
export interface SubmissionMeaning {
  kind: string;
  format: string;
  advisoryId?: string;
  parameters: Record<string, unknown>;
  /** SHA-256 of the bytes as received, in hexadecimal. */
  sha256: string;
}

/** SHA-256 over everything that a submission says; equal for a repeat under one idempotency key. */
export function meaningDigest({ kind, format, advisoryId, parameters, sha256 }: SubmissionMeaning): Buffer {
  const text = JSON.stringify([kind, format, advisoryId ?? null, inOrder(parameters), sha256]);
  return createHash('sha256').update(text).digest();
}

/** The same value with all objects written as sorted lists of what they say. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return { sorted: entries.map(([name, part]) => [name, inOrder(part)]) };
}
