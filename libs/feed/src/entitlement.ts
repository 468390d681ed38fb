import { admits, type Audible, type AudienceRule } from '#libs/domain';
import type { SubscriptionFilter } from '#libs/persistence';
import type { Admitted, RowRules } from './judge-row.js';

/** Everything outside a path itself that decides what one subscription may receive of one channel, at this moment. */
export interface Entitlement {
  platform: Audible & { active: boolean; admitted: Admitted };
  subscription: {
    id: string;
    revision: number;
    state: 'active' | 'paused' | 'left';
    /** Whether the subscription names this channel. */
    listed: boolean;
    filter: SubscriptionFilter;
  };
  /** Undefined when the channel is not in the directory. */
  channel?: { audience: AudienceRule; drill: boolean };
  stops: { everything: boolean; channel: boolean; agencies: ReadonlySet<string> };
}

/** Why no content goes to a subscription now; withdrawals do in any case. */
export type NotEntitled =
  | 'subscription-left'
  | 'subscription-paused'
  | 'platform-not-active'
  | 'channel-not-listed'
  | 'not-admitted'
  | 'stopped';

/**
 * Says why content must not go (I5), on whatever path; undefined when it may. What cannot be told counts as not admitted.
 * This is the one place where that is decided.
 */
export function notEntitled({ subscription, platform, channel, stops }: Entitlement): NotEntitled | undefined {
  if (subscription.state === 'left') return 'subscription-left';
  if (!subscription.listed) return 'channel-not-listed';
  if (!platform.active) return 'platform-not-active';
  if (!channel || !admits(channel.audience, platform)) return 'not-admitted';
  if (subscription.state !== 'active') return 'subscription-paused';
  return stops.everything || stops.channel ? 'stopped' : undefined;
}

/** What decides about each row that may go to a subscription. @param carries what its wire form can carry */
export function rowRulesOf(
  { platform, subscription, stops }: Pick<Entitlement, 'platform' | 'subscription' | 'stops'>,
  carries: RowRules['carries'],
): RowRules {
  return { admitted: platform.admitted, filter: subscription.filter, carries, stoppedAgencies: stops.agencies };
}

/** What an organisation was admitted to, as SQL over its row with this alias; see {@link Admitted}. */
export const admittedOf = (organisation: string): string =>
  `jsonb_build_object('standing', ${organisation}.standing, 'csea', ${organisation}.receives_csea)`;

/** A stop of publishing as the directory has it. */
export interface StopInForce {
  scope: 'everything' | 'agency' | 'channel';
  subject: string | null;
}

/** What stops in force mean for one channel. */
export function stopsOn(channelId: string, stops: readonly StopInForce[]): Entitlement['stops'] {
  const subjectsOf = (scope: StopInForce['scope']): string[] =>
    stops.filter((stop) => stop.scope === scope).map(({ subject }) => subject ?? '');
  return {
    everything: subjectsOf('everything').length > 0,
    channel: subjectsOf('channel').includes(channelId),
    agencies: new Set(subjectsOf('agency')),
  };
}
