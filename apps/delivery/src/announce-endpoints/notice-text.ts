import type { Mail } from '#libs/connectors';

/** What a mail about an endpoint is made of: which one and since when, and nothing of what is delivered to it. */
export interface NoticeFacts {
  id: string;
  what: 'paused' | 'recovered';
  platform: string;
  subscriptionId: string;
  connector: string;
  /** Since when nothing was taken; of a recovery, since when it goes on. */
  since: Date;
}

type Audience = 'platform' | 'operators';

const NEXT: Record<NoticeFacts['what'], Record<Audience, string>> = {
  paused: {
    platform: 'When the endpoint takes deliveries again, resume the subscription: tocsin platforms resume',
    operators: 'The platform is told as well, where an address of it is known. What was tried: tocsin attempts',
  },
  recovered: {
    platform: 'What is live is delivered in its turn. For what you may have lost: tocsin recover',
    operators: 'What was tried: tocsin attempts',
  },
};

/** Writes a notice. The id is the same for a repeat. */
export function noticeMail(facts: NoticeFacts, to: readonly string[], audience: Audience): Mail {
  const { id, what, platform, subscriptionId, connector, since } = facts;
  const name = platform.replace(/\s+/g, ' ');
  const says =
    what === 'paused'
      ? [
          `Deliveries to an endpoint of ${name} are paused. It takes nothing since ${since.toISOString()}.`,
          'Withdrawals are tried for ever; everything else waits until somebody resumes it.',
        ]
      : [`An endpoint of ${name} takes deliveries again since ${since.toISOString()}.`];
  return {
    id: `${id}-${what}-${audience}`,
    to,
    subject: what === 'paused' ? `Paused: an endpoint of ${name}` : `Goes on: an endpoint of ${name}`,
    text: [
      ...says,
      '',
      `Subscription: ${subscriptionId} (${connector})`,
      `${NEXT[what][audience]} ${subscriptionId}`,
      '',
    ].join('\n'),
  };
}
