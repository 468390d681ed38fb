import type { EntityManager } from 'typeorm';
import { v5 } from 'uuid';
import type { Principal } from '#libs/access';
import { writeDisclosure, type Disclosure } from '#libs/feed';
import type { AuditEntry } from '#libs/persistence';
import type { PullStanding } from '../entitle-platform/pull-subscriptions.js';

/** Namespace of the UUIDv5 ids of disclosures made here (minted for Tocsin). */
const NAMESPACE = '5d3c8e0a-3a0e-4f0e-9d0f-7a1f2c9b6e54';

/** What is given to a reader of one channel. */
export type GivenToReader = Pick<Disclosure, 'channelId' | 'walk' | 'outgoing' | 'until'>;

/**
 * Writes down what a reader is about to be given. The same records are one disclosure, however often they are given.
 * @returns whether it is new
 */
export function discloseRead(
  manager: EntityManager,
  { platform, subscription }: PullStanding,
  given: GivenToReader,
): Promise<boolean> {
  const { id: subscriptionId, revision } = subscription;
  const events = given.outgoing.map(({ record }) => record.eventId);
  const id = v5([subscriptionId, revision, given.walk, ...events].join('/'), NAMESPACE);
  return writeDisclosure(manager, 'platform_api', { ...given, id, platformId: platform.id, subscriptionId, revision });
}

/** The audit row of a read that disclosed something new, or by which something is known to be fetched; otherwise none. */
export function auditOfRead(
  { personId }: Principal,
  { subscription }: PullStanding,
  isNew: boolean,
  detail: { channel: string; walk?: number; records: number; fetched: number },
): AuditEntry | undefined {
  if (!isNew && detail.fetched === 0) return undefined;
  const { id, revision } = subscription;
  const action = isNew ? 'disclose' : 'record-receipt';
  return { actor: personId, action, subject: `subscription/${id}`, detail: { revision, ...detail } };
}
