import { randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DataSource, Not, type EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { familyOf, rejection } from '#libs/domain';
import { changeState, KafkaUser, Organisation, Subscription } from '#libs/persistence';
import { KAFKA_CONNECTOR, KafkaTopics } from './kafka-topics.js';
import { KafkaUpkeep } from './kafka-upkeep.js';
import { KafkaUsers } from './kafka-users.js';
import { newUserName } from './user-plan.js';
import type { KafkaUserRow } from '../plain.js';

const PASSWORD_BYTES = 32;

/** Issues and revokes a platform's credentials for its own topic. */
@Injectable()
export class KafkaCredentialsService {
  constructor(
    private readonly database: DataSource,
    private readonly users: KafkaUsers,
    private readonly topics: KafkaTopics,
    private readonly upkeep: KafkaUpkeep,
  ) {}

  /**
   * Makes a new user with a new password; an earlier user is removed, and whoever is connected with it is cut off.
   * @throws a rejection `TOC_REQUEST_CONFLICT` without a Kafka subscription; a transient `TOC_KAFKA_UNAVAILABLE`, after
   * which the call is to be repeated
   */
  async issue(principal: Principal, platformId: string): Promise<{ user: KafkaUserRow; password: string }> {
    authorise(principal, 'kafka-credentials:issue', { organisationId: platformId });
    const user: KafkaUserRow = { platformId, name: newUserName(platformId), state: 'granted', changedAt: new Date() };
    await changeState(this.database, 'directory', async (manager) => {
      await requireKafkaPlatform(manager, platformId);
      const before = await manager.findOneBy(KafkaUser, { platformId });
      await manager.save(KafkaUser, user);
      const detail = { user: user.name, ...(before && { replaces: before.name }) };
      const audit = {
        actor: principal.personId,
        action: 'issue-kafka-credentials',
        subject: `organisation/${platformId}`,
        detail,
      };
      return { result: undefined, audit };
    });
    const password = randomBytes(PASSWORD_BYTES).toString('base64url');
    await this.topics.ensureOfPlatform(platformId);
    await this.users.settle(platformId, { name: user.name, password });
    return { user, password };
  }

  async read(principal: Principal, platformId: string): Promise<KafkaUserRow> {
    authorise(principal, 'subscription:read', { organisationId: platformId });
    return found(await this.database.getRepository(KafkaUser).findOneBy({ platformId }));
  }

  /**
   * Revokes at once: first what the user may do, then the user.
   * @returns `removed: false` when Kafka does not answer; it is done as soon as it does
   */
  async revoke(
    principal: Principal,
    platformId: string,
    reason: string,
  ): Promise<{ user: KafkaUserRow; removed: boolean }> {
    authorise(principal, 'kafka-credentials:revoke', { organisationId: platformId });
    const user = await changeState(this.database, 'directory', async (manager) => {
      const before = found(
        await manager.findOne(KafkaUser, { where: { platformId }, lock: { mode: 'pessimistic_write' } }),
      );
      if (before.state === 'revoked') return { result: before, audit: undefined };
      const after: KafkaUserRow = { ...before, state: 'revoked', changedAt: new Date() };
      await manager.update(KafkaUser, { platformId }, { state: 'revoked', changedAt: after.changedAt });
      const detail = { user: before.name };
      const audit = {
        actor: principal.personId,
        action: 'revoke-kafka-credentials',
        subject: `organisation/${platformId}`,
        reason,
        detail,
      };
      return { result: after, audit };
    });
    return { user, removed: await this.removeNow(platformId) };
  }

  private async removeNow(platformId: string): Promise<boolean> {
    try {
      await this.users.settle(platformId);
      return true;
    } catch (thrown) {
      this.upkeep.wake();
      if (familyOf(thrown) === 'transient') return false;
      throw thrown;
    }
  }
}

function found(user: KafkaUserRow | null): KafkaUserRow {
  if (!user) throw rejection('TOC_ACCESS_NOT_FOUND', 'There are no Kafka credentials for this key.');
  return user;
}

async function requireKafkaPlatform(manager: EntityManager, id: string): Promise<void> {
  const platform = await manager.findOne(Organisation, { where: { id }, lock: { mode: 'pessimistic_write' } });
  if (!platform || platform.kind !== 'platform' || platform.state !== 'active') {
    throw rejection('TOC_REQUEST_CONFLICT', 'The platform is not an active member of this exchange.');
  }
  const subscribed = await manager.existsBy(Subscription, {
    platformId: id,
    connector: KAFKA_CONNECTOR,
    state: Not('left'),
  });
  if (!subscribed) throw rejection('TOC_REQUEST_CONFLICT', 'The platform has no Kafka subscription; subscribe first.');
}
