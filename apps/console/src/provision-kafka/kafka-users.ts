import { DataSource } from 'typeorm';
import { kafkaAccess } from '#libs/connectors';
import { rejection } from '#libs/domain';
import { platformGrants, type KafkaCredentials, type KafkaGrant } from '#libs/messaging';
import { KafkaUser, withoutAudit } from '#libs/persistence';
import { usersOf } from './user-plan.js';

/** Credentials on their way to Kafka; the password is kept nowhere. */
export interface FreshCredentials {
  name: string;
  password: string;
}

/** How a platform stands on Kafka after {@link KafkaUsers.settle}. */
export interface Settled {
  removed: string[];
  /** `missing`: granted, but not there, and nobody knows the password any more. */
  user: 'granted' | 'missing' | 'none';
}

/** Makes the users of the cluster what the directory says, one platform at a time. */
export class KafkaUsers {
  /** The end of each platform's queue; a platform that asks many times holds one connection, not all. */
  private readonly queues = new Map<string, Promise<unknown>>();

  /** @param database a few connections for this alone: each is held while Kafka is asked, however long that takes */
  constructor(
    private readonly database: DataSource,
    private readonly credentials: KafkaCredentials,
  ) {}

  listPresent(): Promise<string[]> {
    return this.credentials.listUsers();
  }

  /**
   * Makes one platform's user what the directory says at this moment. A lock keeps two processes, or an issue and a
   * revocation, from undoing each other: whoever comes second reads what is wanted now.
   * @param fresh credentials just issued; without them a missing user stays missing
   * @throws a rejection `TOC_REQUEST_CONFLICT` when the fresh credentials were revoked meanwhile, a transient
   * `TOC_KAFKA_UNAVAILABLE`
   */
  async settle(platformId: string, fresh?: FreshCredentials): Promise<Settled> {
    const before = this.queues.get(platformId) ?? Promise.resolve();
    const settled = before.then(() => this.settleNow(platformId, fresh));
    const end = settled.catch(() => undefined);
    this.queues.set(platformId, end);
    try {
      return await settled;
    } finally {
      if (this.queues.get(platformId) === end) this.queues.delete(platformId);
    }
  }

  private settleNow(platformId: string, fresh?: FreshCredentials): Promise<Settled> {
    return withoutAudit(this.database, async (manager) => {
      await manager.query('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`kafka-user/${platformId}`]);
      const row = await manager.findOneBy(KafkaUser, { platformId });
      const granted = row?.state === 'granted' ? row.name : undefined;
      // The new user first, so that a platform which rotates is never without one; its removal is nobody's hurry.
      if (fresh && fresh.name === granted) await this.create(platformId, fresh);
      const present = usersOf(platformId, await this.credentials.listUsers());
      const removed = present.filter((name) => name !== granted);
      for (const name of removed) await this.credentials.removeUser(name);
      if (fresh && fresh.name !== granted) {
        throw rejection('TOC_REQUEST_CONFLICT', 'The credentials were revoked or replaced before they were in place.');
      }
      if (granted === undefined) return { removed, user: 'none' };
      if (!present.includes(granted)) return { removed, user: 'missing' };
      await this.mendGrants(platformId, granted);
      return { removed, user: 'granted' };
    });
  }

  private async create(platformId: string, { name, password }: FreshCredentials): Promise<void> {
    await this.credentials.ensureUser(name, password);
    await this.credentials.allow(name, grantsOf(platformId));
  }

  private async mendGrants(platformId: string, name: string): Promise<void> {
    const wanted = grantsOf(platformId);
    if (!sameGrants(await this.credentials.listGrants(name), wanted)) await this.credentials.allow(name, wanted);
  }
}

function grantsOf(platformId: string): KafkaGrant[] {
  const { topic, groupPrefix } = kafkaAccess(platformId);
  return platformGrants(topic, groupPrefix);
}

function sameGrants(one: readonly KafkaGrant[], other: readonly KafkaGrant[]): boolean {
  const said = (grants: readonly KafkaGrant[]): string =>
    JSON.stringify(
      grants
        .map(({ resource, name, pattern, operations }) => [resource, name, pattern, [...operations].sort()].join(' '))
        .sort(),
    );
  return said(one) === said(other);
}
