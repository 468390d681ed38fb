import { v5 } from 'uuid';
import type { OutgoingBatch, OutgoingRecord } from '#libs/connectors';
import type { Outgoing } from '#libs/feed';

/** Namespace of the UUIDv5 ids made here (minted for Tocsin). */
const BATCH_NAMESPACE = '2f4e4f6e-8d0b-4a0e-9c55-5b1f0f6a7d31';

/** The id of a batch: the same records for the same subscription revision make the same id (I8). */
export function batchIdOf(subscriptionId: string, revision: number, records: readonly OutgoingRecord[]): string {
  return v5([subscriptionId, revision, ...records.map(({ eventId }) => eventId)].join('/'), BATCH_NAMESPACE);
}

/** Puts records together for one subscription. */
export function composeBatch(
  of: Pick<OutgoingBatch, 'platformId' | 'platformCountry' | 'subscriptionId' | 'channelId' | 'revision' | 'lane'>,
  outgoing: readonly Outgoing[],
): OutgoingBatch {
  const records = outgoing.map(({ record }) => record);
  const position = outgoing.reduce((highest, one) => (one.position > highest ? one.position : highest), 0n);
  return { ...of, batchId: batchIdOf(of.subscriptionId, of.revision, records), position: Number(position), records };
}
