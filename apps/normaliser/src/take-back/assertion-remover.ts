import type { EntityManager } from 'typeorm';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import { doubtOthers, type TakenAsError } from '../doubt-others/doubt-others.js';
import { REMEMBER_REMOVED } from '../write-rows/agency-markings.js';
import type { RowWriter, WithdrawalCause } from '../write-rows/row-writer.js';

/** An assertion by its key. */
export interface AssertionKey {
  advisoryId: string;
  rowId: string;
  objectKey: string;
}

interface Removed {
  advisory_id: string;
  row_id: string;
  channels: string[];
  /** Whether it had not run out. */
  stood: boolean;
}

/** Any revision. */
const NEWEST = 2_147_483_647;

/**
 * Removes assertions and derives their rows anew, channel by channel in a fixed order: a row that nobody else asserts
 * is withdrawn for the cause, another stays with what is left.
 * @param upTo newest revision that is removed; what was said anew meanwhile stays
 * @param asError that their agency took them back as an error: what others assert of the same signals is lowered
 */
export async function removeAssertions(
  manager: EntityManager,
  directory: DirectorySnapshot,
  rows: RowWriter,
  keys: readonly AssertionKey[],
  cause: WithdrawalCause,
  upTo = NEWEST,
  asError?: TakenAsError,
): Promise<void> {
  if (keys.length === 0) return;
  const removed = await manager.query<Removed[]>(
    `WITH removed AS (
       DELETE FROM normaliser.assertion a
        USING unnest($1::uuid[], $2::uuid[], $3::text[]) AS k(advisory_id, row_id, object_key)
        WHERE a.advisory_id = k.advisory_id AND a.row_id = k.row_id AND a.object_key = k.object_key AND a.revision <= $4
        RETURNING a.advisory_id, a.row_id, a.statement_id),
     ${REMEMBER_REMOVED}
     SELECT removed.advisory_id, removed.row_id, s.channels, s.valid_until > now() AS stood FROM removed JOIN normaliser.statement s ON s.id = removed.statement_id`,
    [keys.map((key) => key.advisoryId), keys.map((key) => key.rowId), keys.map((key) => key.objectKey), upTo],
  );
  const byChannel = new Map<string, string[]>();
  for (const { row_id, channels } of removed) {
    for (const channel of channels) pushTo(byChannel, channel, row_id);
  }
  if (asError) {
    const lowered = await doubtOthers(manager, asError, [...new Set(removed.map(({ row_id }) => row_id))]);
    for (const { rowId, channels } of lowered) for (const channel of channels) pushTo(byChannel, channel, rowId);
  }
  for (const channelId of [...byChannel.keys()].sort()) {
    const channel = directory.channel(channelId);
    if (channel) await rows.remerge(channel, byChannel.get(channelId) ?? [], cause);
  }
  const reason = cause.retractionReason ?? cause.reason;
  for (const { advisory_id: advisoryId, row_id: rowId, channels, stood } of removed) {
    // What had run out ended by itself.
    if (!stood) continue;
    for (const channelId of channels) {
      if (directory.channel(channelId)) rows.words.ends({ advisoryId, rowId, channelId, reason });
    }
  }
}

function pushTo(lists: Map<string, string[]>, key: string, value: string): void {
  const list = lists.get(key);
  if (list) list.push(value);
  else lists.set(key, [value]);
}
