import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { connectorById, sends } from '#libs/connectors';
import { rejection } from '#libs/domain';
import { Subscription } from '#libs/persistence';
import { NOBODY } from '../nobody.js';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import type {
  AttemptsAsked,
  AttemptShown,
  AttemptsShown,
  RecoveriesShown,
  RecoveryGiven,
  ResendGiven,
  ResendShown,
} from './send-again.dto.js';
import { SubscriptionsService } from './subscriptions.service.js';

const ATTEMPTS_A_PAGE = 50;

/** Tells what was tried, and has delivery send once more. Who may is decided here, the rest where the ledger is. */
@Injectable()
export class SendAgainService {
  constructor(
    private readonly database: DataSource,
    private readonly subscriptions: SubscriptionsService,
    private readonly peers: Peers,
  ) {}

  /** Newest first; none of a subscription that fetches. @throws a transient `TOC_PEER_UNAVAILABLE` */
  async attempts(
    principal: Principal,
    id: string,
    { before, limit = ATTEMPTS_A_PAGE }: AttemptsAsked,
  ): Promise<Plain<AttemptsShown>> {
    await this.subscriptions.read(principal, id);
    const { attempts = [] } = await this.peers.delivery.request<{ attempts?: Plain<AttemptShown>[] }>(
      'GET',
      `/internal/subscriptions/${id}/attempts`,
      { principal, query: { before, most: String(limit) } },
    );
    return { attempts, next: attempts.length === limit ? (attempts.at(-1)?.id ?? null) : null };
  }

  /** @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_CONFLICT`, transients `TOC_REQUEST_TOO_MANY`, `TOC_PEER_UNAVAILABLE` */
  async resend(principal: Principal, id: string, json: ResendGiven): Promise<ResendShown> {
    await this.requireSending(principal, id);
    return this.peers.delivery.request('POST', `/internal/subscriptions/${id}/resend`, { principal, json });
  }

  /** @throws as {@link resend} */
  async recover(principal: Principal, id: string, json: RecoveryGiven): Promise<Plain<RecoveriesShown>> {
    await this.requireSending(principal, id);
    return this.peers.delivery.request('POST', `/internal/subscriptions/${id}/recovery`, { principal, json });
  }

  private async requireSending(principal: Principal, id: string): Promise<void> {
    const subscription = await this.database.getRepository(Subscription).findOneBy({ id });
    authorise(principal, 'subscription:resend', { organisationId: subscription?.platformId ?? NOBODY });
    const connector = subscription && connectorById(subscription.connector);
    if (!connector) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such subscription for this key.');
    if (!sends(connector))
      throw rejection('TOC_REQUEST_CONFLICT', 'This subscription fetches: read again from an earlier cursor.');
  }
}
