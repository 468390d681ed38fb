import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { channelOfTopic } from '#libs/events';
import { changeState, query, unpackFrames, writeOutbox, type Lane, type OutboxRecord } from '#libs/persistence';
import type { DeadLetterView } from './dead-letter-view.js';

interface RefusedRow {
  id: string;
  topic: string;
  records: number;
  bytes: number;
  refused_keys: string[];
  published_at: Date;
}

const COLUMNS = 'id, topic, records, octet_length(frames) AS bytes, refused_keys, published_at';
const MOST_LISTED = 200;
const MOST_KEYS_TOLD = 10;
const PREFIX = '00000000-0000-8000-8000-';

/** The id of the dead letter that stands for what Kafka refused of an outbox row. */
export function letterOfOutbox(outboxId: string): string {
  return PREFIX + BigInt(outboxId).toString(16).padStart(12, '0');
}

/** The outbox row of such a dead letter; undefined for any other. */
export function outboxOfLetter(letterId: string): string | undefined {
  if (!letterId.startsWith(PREFIX)) return undefined;
  return BigInt(`0x${letterId.slice(PREFIX.length)}`).toString();
}

function view({ id, topic, records, bytes, refused_keys: keys, published_at }: RefusedRow): DeadLetterView {
  const told = keys.slice(0, MOST_KEYS_TOLD).join(', ');
  return {
    id: letterOfOutbox(id),
    source: topic,
    position: `outbox/${id}`,
    code: 'TOC_KAFKA_RECORD_REFUSED',
    detail: `Kafka refused ${keys.length} of ${records} records: ${told}${keys.length > MOST_KEYS_TOLD ? ' …' : ''}`,
    bytes,
    at: published_at.toISOString(),
  };
}

/** Outbox rows of which Kafka refused records for good, newest first. */
export async function listRefused(database: DataSource): Promise<DeadLetterView[]> {
  const rows = await query<RefusedRow>(
    database,
    `SELECT ${COLUMNS} FROM normaliser.outbox WHERE refused_keys IS NOT NULL ORDER BY id DESC LIMIT ${MOST_LISTED}`,
  );
  return rows.map(view);
}

/** @throws a rejection `TOC_ACCESS_NOT_FOUND` when nothing of this row is refused (any more) */
export async function showRefused(database: DataSource, outboxId: string): Promise<DeadLetterView> {
  const [row] = await query<RefusedRow>(
    database,
    `SELECT ${COLUMNS} FROM normaliser.outbox WHERE id = $1 AND refused_keys IS NOT NULL`,
    [outboxId],
  );
  return view(found(row));
}

/**
 * Puts the refused records of an outbox row into the outbox again, apart from those that a newer version of their row
 * has replaced: on a compacted topic the older one would be the last.
 */
export async function replayRefused(
  database: DataSource,
  principal: Principal,
  outboxId: string,
): Promise<DeadLetterView> {
  authorise(principal, 'dead-letter:replay');
  return changeState(database, 'normaliser', async (manager) => {
    const [stored] = await manager.query<(RefusedRow & { lane: Lane; frames: Buffer })[]>(
      `SELECT ${COLUMNS}, lane, frames FROM normaliser.outbox WHERE id = $1 AND refused_keys IS NOT NULL FOR UPDATE`,
      [outboxId],
    );
    const row = found(stored);
    const refused = unpackFrames(row.frames).filter(({ key }) => row.refused_keys.includes(key));
    const again = await withoutReplaced(manager, row.topic, refused);
    await writeOutbox(manager, 'normaliser', row.lane, row.topic, again);
    await manager.query('UPDATE normaliser.outbox SET refused_keys = NULL WHERE id = $1', [outboxId]);
    const letter = view(row);
    const audit = {
      actor: principal.personId,
      action: 'replay-refused-records',
      subject: `dead-letter/${letter.id}`,
      detail: { topic: row.topic, records: again.length, replaced: refused.length - again.length },
    };
    return { result: { ...letter, replayed_at: new Date().toISOString() }, audit };
  });
}

/** Locks the rows, so that no newer version is placed meanwhile. */
async function withoutReplaced(
  manager: EntityManager,
  topic: string,
  records: readonly OutboxRecord[],
): Promise<OutboxRecord[]> {
  const present = await manager.query<{ row_id: string; version: number }[]>(
    `SELECT row_id, version FROM normaliser.channel_row WHERE channel_id = $1 AND row_id = ANY ($2::uuid[])
      ORDER BY row_id FOR UPDATE`,
    [channelOfTopic(topic), records.map(({ key }) => key)],
  );
  const versions = new Map(present.map(({ row_id, version }) => [row_id, String(version)]));
  return records.filter(({ key, headers }) => headers.version === versions.get(key));
}

function found<Row>(row: Row | undefined): Row {
  if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such dead letter');
  return row;
}
