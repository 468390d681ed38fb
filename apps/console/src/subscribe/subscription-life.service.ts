import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { Principal } from '#libs/access';
import { connectorById, type Rotation } from '#libs/connectors';
import { fault, rejection, type TocsinError } from '#libs/domain';
import { changeState, Subscription } from '#libs/persistence';
import { Peers } from '../peers.js';
import { openSecrets, sealSecrets } from './endpoint-secrets.js';
import { Registrar } from './registrar.js';
import type { Departure, SecretRotation } from './subscription.dto.js';
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
   * Makes new secrets, or takes those that the platform made; what was made here stays good beside them for the overlap.
   * @throws rejections `TOC_REQUEST_CONFLICT` when the connector has no secret of the subscription's own, `TOC_CONNECTOR_SETTINGS`,
   * `TOC_CONNECTOR_CHALLENGE`, `TOC_CONNECTOR_EGRESS`
   */
  async rotate(
    principal: Principal,
    id: string,
    { overlap_hours: overlapHours, given }: SecretRotation,
  ): Promise<NewSubscription> {
    const overlapMs = overlapHours * 3_600_000;
    // Whoever proves new keys asks a server, for which no transaction waits.
    const taken = given && (await this.proveKeys(principal, id, given));
    return changeState(this.database, 'directory', async (manager) => {
      const before = await loadForChange(manager, principal, id);
      const fresh = taken ?? this.makeSecrets(before, overlapMs);
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

  private async proveKeys(principal: Principal, id: string, given: Record<string, unknown>): Promise<Rotation> {
    const before = await this.database.transaction((manager) => loadForChange(manager, principal, id));
    const connector = connectorById(before.connector);
    if (!connector?.rekey) throw withoutSecrets();
    return connector.rekey(before.settings, given, this.registrar.context);
  }

  private makeSecrets({ id, connector: word, settings, sealedSecrets }: SubscriptionRow, overlapMs: number): Rotation {
    const connector = connectorById(word);
    if (!connector) throw fault(`subscription ${id} names a connector that is not registered`);
    const secrets = openSecrets(this.registrar.secretKeys, id, sealedSecrets);
    if (!connector.rotate || Object.keys(secrets).length === 0) throw withoutSecrets();
    return connector.rotate(settings, secrets, this.registrar.context, overlapMs);
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

function withoutSecrets(): TocsinError {
  return rejection('TOC_REQUEST_CONFLICT', 'This subscription has no secret of its own to rotate in this way.');
}
