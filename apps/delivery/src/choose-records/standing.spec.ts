import { contentWithheld, hasNoReader, type Standing, type Withheld } from './standing.js';

function standing(change: {
  platform?: Partial<Standing['platform']>;
  subscription?: Partial<Standing['subscription']>;
  stops?: Partial<Standing['stops']>;
  channel?: Standing['channel'] | null;
  endpointPaused?: boolean;
}): Standing {
  return {
    platform: {
      id: 'p',
      country: 'NL',
      licences: [],
      kind: 'video',
      active: true,
      admitted: { standing: 'full', csea: true },
      holdsKafkaUser: true,
      ...change.platform,
    },
    subscription: {
      ...{ id: 's', revision: 1, state: 'active', leavePolicy: 'keep-until-expiry', listed: true },
      ...{ connector: 'webhook', settings: {}, sealedSecrets: Buffer.alloc(0), filter: {} },
      ...change.subscription,
    },
    channel: change.channel === null ? undefined : (change.channel ?? { audience: {}, drill: false }),
    endpointPaused: change.endpointPaused ?? false,
    parked: false,
    withdrawalsWait: false,
    stops: { everything: false, channel: false, agencies: new Set(['an-agency']), ...change.stops },
    head: 0n,
    cursors: {},
    recoveries: {},
  };
}

describe('content is withheld', () => {
  const cases: [Withheld | undefined, Parameters<typeof standing>[0]][] = [
    [undefined, {}],
    ['subscription-left', { subscription: { state: 'left' } }],
    ['subscription-paused', { subscription: { state: 'paused' } }],
    ['channel-not-listed', { subscription: { listed: false } }],
    ['platform-not-active', { platform: { active: false } }],
    ['not-admitted', { channel: null }],
    ['not-admitted', { channel: { audience: { countries: ['DE'] }, drill: false } }],
    ['not-admitted', { channel: { audience: { members: [] }, drill: false } }],
    ['not-admitted', { channel: { audience: { kinds: ['forum'] }, drill: false } }],
    ['stopped', { stops: { everything: true } }],
    ['stopped', { stops: { channel: true } }],
    ['endpoint-paused', { endpointPaused: true }],
  ];
  it.each(cases)('as %s', (withheld, change) => {
    expect(contentWithheld(standing(change))).toBe(withheld);
  });
});

describe('whether anybody can read what is sent', () => {
  it.each([
    ['kafka-user' as const, false, true],
    ['kafka-user' as const, true, false],
    [undefined, false, false],
  ])('read with %s, platform holds a user: %s', (readWith, holdsKafkaUser, unread) =>
    expect(hasNoReader(standing({ platform: { holdsKafkaUser } }), { readWith })).toBe(unread),
  );
});
