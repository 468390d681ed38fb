import { Injectable } from '@nestjs/common';
import type { Principal } from '#libs/access';
import { Peers } from '../peers.js';
import { SubscriptionsService } from './subscriptions.service.js';

/** Tells how far delivery has come with a subscription. */
@Injectable()
export class SubscriptionStatusService {
  constructor(
    private readonly subscriptions: SubscriptionsService,
    private readonly peers: Peers,
  ) {}

  /**
   * One entry per channel and walk, as delivery gives them.
   * @throws a transient `TOC_PEER_UNAVAILABLE`
   */
  async read(principal: Principal, id: string): Promise<object[]> {
    const { platformId } = await this.subscriptions.read(principal, id);
    const { delivery } = this.peers;
    const answer: unknown = await delivery.request('GET', '/internal/subscriptions/status', {
      principal,
      query: { platform: platformId },
    });
    return Array.isArray(answer) ? answer.filter((entry: unknown) => isOf(entry, id)) : [];
  }
}

function isOf(entry: unknown, id: string): entry is object {
  return typeof entry === 'object' && entry !== null && 'subscription_id' in entry && entry.subscription_id === id;
}
