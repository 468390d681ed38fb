import { v5 } from 'uuid';
import type { OutgoingRecord } from '#libs/connectors';
import type { RowRecord, WithdrawalRecord } from '#libs/events';

/** One record on its way out and the position it is about. */
export interface Outgoing {
  position: bigint;
  /** Whether it goes as a live row; otherwise as its end. */
  live: boolean;
  record: OutgoingRecord;
}

/** Namespace of the UUIDv5 ids made here (minted for Tocsin). */
const END_NAMESPACE = '8f0a1c52-3f1d-4c3f-9d0e-6a1b7e2c9d44';

const NIL = '00000000-0000-0000-0000-000000000000';

/**
 * The withdrawal of a row that this subscription was given and that its present filter keeps out: the same version,
 * so that it beats the row, under an event id of its own.
 */
export function outOfFilter(row: RowRecord, subscriptionId: string, revision: number): OutgoingRecord {
  const { channel, row_id, version, generation, published_at, drill } = row;
  const id = v5(`out-of-filter/${row.id}/${subscriptionId}/${revision}`, END_NAMESPACE);
  const record: WithdrawalRecord = {
    id,
    type: 'withdrawal',
    ...{ channel, row_id, version, generation, published_at, drill },
    reason: 'out-of-filter',
    restore: false,
  };
  return { eventId: id, rowId: row_id, version, kind: 'withdrawal', body: JSON.stringify(record) };
}

/** What a platform is to do with the rows of a channel that it has left. */
export type LeavePolicy = 'keep-until-expiry' | 'delete-all';

/**
 * The one message that ends a membership: about the channel, not about a row, and ordered by the subscription's
 * revision alone. Nothing in it depends on the time of sending.
 */
export function membershipEnded(
  channelId: string,
  { subscriptionId, revision, policy }: { subscriptionId: string; revision: number; policy: LeavePolicy },
): OutgoingRecord {
  const id = v5(`membership-ended/${subscriptionId}/${channelId}/${revision}`, END_NAMESPACE);
  const record = { id, type: 'membership-ended', channel: channelId, row_id: NIL, version: 0, rows: policy };
  return { eventId: id, rowId: NIL, version: 0, kind: 'membership-ended', body: JSON.stringify(record) };
}
