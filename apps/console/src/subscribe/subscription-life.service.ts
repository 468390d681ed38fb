import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '#libs/access';
import { connectorById } from '#libs/connectors';
import { fault, rejection } from '#libs/domain';
import { changeState, Subscription } from '#libs/persistence';
import { Peers } from '../peers.js';
import { openSecrets, sealSecrets } from './endpoint-secrets.js';
import { Registrar } from './registrar.js';
import type { Departure } from './subscription.dto.js';
import { loadForChange, type NewSubscription } from './subscriptions.service.js';
import type { SubscriptionRow } from '../plain.js';

/** Pauses, resumes, rekeys and ends subscriptions. */
@Injectable()
export class SubscriptionLifeService {
  constructor(
    private readonly database: DataSource,
    private readonly registrar: Registrar,
    private readonly peers: Peers,
  ) {}

  /** Holds content back until resumed; withdrawals go on. */
  async pause(principal: Principal, id: string, reason?: string): Promise<SubscriptionRow> {
    return this.turn(principal, id, 'paused', reason);
  }

  /**
   * Lets content go again, and lifts a pause that delivery put on a failing endpoint.
   * @throws a transient `TOC_PEER_UNAVAILABLE` when delivery does not answer; repeating the call is safe
   */
  async resume(principal: Principal, id: string, reason?: string): Promise<SubscriptionRow> {
    const subscription = await this.turn(principal, id, 'active', reason);
    await this.peers.delivery.request('POST', `/internal/subscriptions/${id}/resume`, { principal });
    return subscription;
  }

  /**
   * Makes new secrets; the old ones stay good beside them for the overlap.
   * @throws a rejection `TOC_REQUEST_CONFLICT` when the connector has no secret of the subscription's own
   */
  async rotate(principal: Principal, id: string, overlapHours: number): Promise<NewSubscription> {
    return changeState(this.database, 'directory', async (manager) => {
      const before = await loadForChange(manager, principal, id);
      const connector = connectorById(before.connector);
      if (!connector) throw fault(`subscription ${id} names a connector that is not registered`);
      const secrets = openSecrets(this.registrar.secretKeys, id, before.sealedSecrets);
      if (!connector.rotate || Object.keys(secrets).length === 0) {
        throw rejection('TOC_REQUEST_CONFLICT', 'This subscription has no secret of its own to rotate.');
      }
      const overlapMs = overlapHours * 3_600_000;
      const fresh = connector.rotate(before.settings, secrets, this.registrar.context, overlapMs);
      const sealedSecrets = sealSecrets(this.registrar.secretKeys, id, fresh.secrets);
      const after: SubscriptionRow = { ...before, sealedSecrets, changedAt: new Date() };
      await manager.update(Subscription, { id }, { sealedSecrets, changedAt: after.changedAt });
      const audit = {
        actor: principal.personId,
        action: 'rotate-endpoint-secrets',
        subject: `subscription/${id}`,
        detail: { overlap_ms: overlapMs },
      };
      return { result: { subscription: after, handOver: fresh.handOver }, audit };
    });
  }

  /**
   * Ends a subscription for good, under a new revision, so that this end beats whatever was said before. The platform
   * gets one message per channel, and then only withdrawals of what it was sent.
   */
  async depart(principal: Principal, id: string, { policy, reason }: Departure): Promise<SubscriptionRow> {
    return changeState(this.database, 'directory', async (manager) => {
      const before = await loadForChange(manager, principal, id);
      const revision = before.revision + 1;
      const after: SubscriptionRow = { ...before, revision, state: 'left', leavePolicy: policy, changedAt: new Date() };
      const { state, leavePolicy, changedAt } = after;
      await manager.update(Subscription, { id }, { revision, state, leavePolicy, changedAt });
      const audit = {
        actor: principal.personId,
        action: 'end-subscription',
        subject: `subscription/${id}`,
        reason,
        detail: { policy },
      };
      return { result: after, audit };
    });
  }

  /** Saying what is so already changes nothing and writes no audit row. */
  private async turn(
    principal: Principal,
    id: string,
    state: 'active' | 'paused',
    reason?: string,
  ): Promise<SubscriptionRow> {
    return changeState(this.database, 'directory', async (manager) => {
      const before = await loadForChange(manager, principal, id, 'subscription:pause');
      if (before.state === state) return { result: before, audit: undefined };
      const after: SubscriptionRow = { ...before, state, changedAt: new Date() };
      await manager.update(Subscription, { id }, { state, changedAt: after.changedAt });
      const action = state === 'paused' ? 'pause-subscription' : 'resume-subscription';
      return { result: after, audit: { actor: principal.personId, action, subject: `subscription/${id}`, reason } };
    });
  }
}
