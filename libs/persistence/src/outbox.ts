import { zstdCompressSync, zstdDecompressSync, constants } from 'node:zlib';
import type { EntityManager } from 'typeorm';

/** One finished Kafka record on its way through the outbox. */
export interface OutboxRecord {
  key: string;
  headers: Record<string, string>;
  value: Buffer;
}

/** A record before it is packed; a value in text is UTF-8. */
export interface FinishedRecord extends Omit<OutboxRecord, 'value'> {
  value: string | Buffer;
}

/** Urgent first: 0 emergency, 1 ordinary. */
export type Lane = 0 | 1;

/** Lanes by their names, as metrics and people call them. */
export const LANE_NAMES = ['emergency', 'ordinary'] as const satisfies Record<Lane, string>;

const FAST = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** Bytes of the length that stands before each piece. */
const PREFIX = 4;

function sizeOf(piece: string | Buffer): number {
  return PREFIX + (typeof piece === 'string' ? Buffer.byteLength(piece) : piece.length);
}

/** @returns where the next piece begins */
function put(into: Buffer, at: number, piece: string | Buffer): number {
  const from = at + PREFIX;
  const length = typeof piece === 'string' ? into.write(piece, from) : piece.copy(into, from);
  into.writeUInt32BE(length, at);
  return from + length;
}

/**
 * Packs finished records into the bytes of one outbox row: key, headers (JSON) and value, each with a 32-bit length,
 * the whole compressed. Records of one chunk are much alike, so this saves most of the write-ahead log.
 */
export function packFrames(records: readonly FinishedRecord[]): Buffer {
  const pieces = records.flatMap(({ key, headers, value }) => [key, JSON.stringify(headers), value]);
  // One buffer for all: small ones for every piece would cost more to collect than to fill.
  const frames = Buffer.allocUnsafe(pieces.reduce((sum, piece) => sum + sizeOf(piece), 0));
  let at = 0;
  for (const piece of pieces) at = put(frames, at, piece);
  return zstdCompressSync(frames, FAST);
}

/** Reverses {@link packFrames}. */
export function unpackFrames(frames: Buffer): OutboxRecord[] {
  const bytes = zstdDecompressSync(frames);
  const records: OutboxRecord[] = [];
  let at = 0;
  const next = (): Buffer => {
    const length = bytes.readUInt32BE(at);
    const piece = bytes.subarray(at + 4, at + 4 + length);
    at += 4 + length;
    return piece;
  };
  while (at < bytes.length) {
    records.push({
      key: next().toString(),
      headers: JSON.parse(next().toString()) as Record<string, string>,
      value: next(),
    });
  }
  return records;
}

/** Schemas with an outbox, each written by one app. */
export const OUTBOXES = ['intake', 'normaliser', 'platform_api'] as const;
export type OutboxSchema = (typeof OUTBOXES)[number];

/** Puts records for one topic into the schema's outbox and wakes the relay when the transaction commits. */
export async function writeOutbox(
  manager: EntityManager,
  schema: OutboxSchema,
  lane: Lane,
  topic: string,
  records: readonly FinishedRecord[],
): Promise<void> {
  if (records.length === 0) return;
  await manager.query(
    `WITH placed AS (INSERT INTO ${schema}.outbox (lane, topic, records, frames) VALUES ($1, $2, $3, $4))
     SELECT pg_notify('tocsin_outbox', $5)`,
    [lane, topic, records.length, packFrames(records), `${schema}/${lane}`],
  );
}
