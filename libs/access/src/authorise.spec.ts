import { TocsinError } from '#libs/domain';
import type { OrganisationKind, Role } from '#libs/persistence';
import { ACTIONS, authorise, type Action, type ObjectFacts } from './authorise.js';
import type { Principal } from './principal.js';

const ME = 'person-1';
const PEOPLE: readonly (readonly [OrganisationKind, Role])[] = [
  ['agency', 'officer'],
  ['agency', 'approver'],
  ['platform', 'admin'],
  ['platform', 'analyst'],
  ['operator', 'operator'],
  ['oversight', 'overseer'],
];

function principal(kind: OrganisationKind, ...roles: Role[]): Principal {
  const [organisationId, organisationName] = ['org-mine', 'Mine'];
  return { personId: ME, organisationId, organisationKind: kind, organisationName, country: 'NO', roles, keyId: 'k' };
}

/** Objects by their relation to the person; none has a reason, a submitter or a proposer. */
const OBJECTS = {
  none: {},
  own: { organisationId: 'org-mine' },
  others: { organisationId: 'org-theirs' },
  self: { organisationId: 'org-mine', personId: ME },
} satisfies Record<string, ObjectFacts>;

/** What is answered: `yes`, or the last word of the refusal's code. */
function answer(who: Principal, action: Action, object: ObjectFacts): string {
  try {
    authorise(who, action, object);
    return 'yes';
  } catch (thrown) {
    if (!(thrown instanceof TocsinError)) throw thrown;
    return thrown.code.replace('TOC_ACCESS_', '').toLowerCase().replace('_', '-');
  }
}

const AGENCY = ['officer', 'approver'];
const ANYWHERE = ['none', 'own', 'others', 'self'];
const OWN = ['own', 'self'];
const any = (...roles: string[]): string[] => roles.flatMap((role) => ANYWHERE.map((object) => `${role} ${object}`));
const own = (...roles: string[]): string[] => roles.flatMap((role) => OWN.map((object) => `${role} ${object}`));
const self = PEOPLE.map(([, role]) => `${role} self`);

/** Everything that is allowed, said a second time; whatever is not here has to be refused. */
const ALLOWED: Record<Action, string[]> = {
  'submission:create': any(...AGENCY),
  'submission:read': [...own(...AGENCY), ...any('operator')],
  'submission:list': any(...AGENCY),
  'submission:complete': own(...AGENCY),
  'submission:preview': any(...AGENCY),
  'collection:read': own(...AGENCY),
  'collection:write': own(...AGENCY),
  'advisory:read': [...own(...AGENCY), ...any('operator')],
  'advisory:retract': own(...AGENCY),
  'advisory:revise': own(...AGENCY),
  'hold:list': any(...AGENCY, 'operator'),
  'hold:release': [],
  'hold:refuse': [...own(...AGENCY), ...any('operator')],
  'doubt:list': any(...AGENCY),
  'doubt:stand-by': own('approver'),
  'doubt:retract': own(...AGENCY),
  'organisation:list': any('operator', 'overseer'),
  'organisation:read': [...any('operator', 'overseer'), ...own(...AGENCY, 'admin', 'analyst')],
  'organisation:admit': [],
  'organisation:manage': any('operator'),
  'person:list': [...any('operator', 'overseer'), ...own('approver', 'admin')],
  'person:manage': any('operator'),
  'role:grant': ['operator none', 'operator others'],
  'key:issue': ['operator none', 'operator others', ...self],
  'key:list': [...any('operator'), ...self],
  'key:revoke': [...any('operator'), ...self],
  'channel:create': any('operator'),
  'channel:list': any('operator', 'overseer', ...AGENCY, 'admin', 'analyst'),
  'subscription:manage': own('admin'),
  'subscription:pause': [...own('admin'), ...any('operator')],
  'subscription:resend': [...own('admin'), ...any('operator')],
  'subscription:read': [...own('admin', 'analyst'), ...any('operator', 'overseer')],
  'feed:read': any('admin', 'analyst'),
  'feedback:give': any('admin', 'analyst'),
  'feedback:read': own('admin', 'analyst'),
  'platform:suspend': any('operator'),
  'service:manage': own('admin'),
  'service:read': [...own('admin', 'analyst'), ...any('operator', 'overseer')],
  'kafka-credentials:issue': own('admin'),
  'kafka-credentials:revoke': [...own('admin'), ...any('operator')],
  'undo:preview': any('operator'),
  'proposal:create': any('operator'),
  'proposal:confirm': any('operator'),
  'proposal:list': any('operator', 'overseer'),
  'outcome:read': own(...AGENCY),
  'naming:read': own('admin', 'analyst'),
  'naming:manage': own('admin'),
  'report:read': any(...AGENCY),
  'reach:read': any('operator', 'overseer'),
  'retraction:follow': own(...AGENCY),
  'dispute:list': any('operator', 'overseer', ...AGENCY),
  'dispute:decide': any('operator'),
  'dead-letter:list': any('operator'),
  'dead-letter:replay': any('operator'),
  'protected-list:read': any('operator', 'overseer', ...AGENCY),
  'protected-list:write': any('operator'),
  'protected-list:narrow': [],
  'health:read': any('operator'),
  'audit:read': any('operator', 'overseer'),
};

describe('the table of rules', () => {
  it.each(ACTIONS)('%s is allowed to exactly those who are named', (action) => {
    const allowed = PEOPLE.flatMap(([kind, role]) =>
      Object.entries(OBJECTS)
        .filter(([, object]) => answer(principal(kind, role), action, object) === 'yes')
        .map(([name]) => `${role} ${name}`),
    );
    expect(allowed.sort()).toEqual([...new Set(ALLOWED[action])].sort());
  });

  it('allows nothing to a person without a role, nor by the role of another kind of organisation', () => {
    for (const action of ACTIONS) {
      for (const object of Object.values(OBJECTS)) {
        expect(answer(principal('operator'), action, object)).not.toBe('yes');
        const roles: Role[] = ['operator', 'overseer'];
        // A role counts only in its own kind; what anybody may do to what is their own stays.
        if ('personId' in object && action.startsWith('key:')) continue;
        expect(answer(principal('platform', ...roles), action, object)).not.toBe('yes');
      }
    }
  });
});

describe('an object of another organisation', () => {
  const officer = principal('agency', 'officer');

  it.each(['submission:read', 'submission:complete', 'advisory:retract', 'advisory:read'] as const)(
    'is as if it were not there: %s',
    (action) => expect(answer(officer, action, OBJECTS.others)).toBe('not-found'),
  );

  it('is refused openly where the person may not do such a thing at all', () => {
    expect(answer(officer, 'organisation:manage', OBJECTS.others)).toBe('forbidden');
    expect(answer(principal('platform', 'analyst'), 'submission:read', OBJECTS.others)).toBe('forbidden');
  });
});

describe('what needs a second person', () => {
  const operator = principal('operator', 'operator');
  const approver = principal('agency', 'approver');

  it.each<[string, Principal, ObjectFacts, string]>([
    ['an operator', operator, { reason: 'protected-list', organisationId: 'org-theirs', submittedBy: 'p2' }, 'yes'],
    ['another agency', approver, { reason: 'protected-list', organisationId: 'org-theirs', submittedBy: 'p2' }, 'yes'],
    ['the agency itself', approver, { reason: 'protected-list', organisationId: 'org-mine' }, 'second-person'],
    ['the submitter', operator, { reason: 'protected-list', submittedBy: ME }, 'second-person'],
    ['its approver', approver, { reason: 'marking-lowered', organisationId: 'org-mine', submittedBy: 'p2' }, 'yes'],
    [
      'its submitter',
      approver,
      { reason: 'marking-lowered', organisationId: 'org-mine', submittedBy: ME },
      'second-person',
    ],
    ['an operator, a lowered marking', operator, { reason: 'marking-lowered', submittedBy: 'p2' }, 'forbidden'],
    [
      'another agency, a lowered marking',
      approver,
      { reason: 'marking-lowered', organisationId: 'org-theirs' },
      'not-found',
    ],
    ['anybody, missing fields', operator, { reason: 'missing-fields', submittedBy: 'p2' }, 'forbidden'],
    [
      'an officer',
      principal('agency', 'officer'),
      { reason: 'marking-lowered', organisationId: 'org-mine', submittedBy: 'p2' },
      'forbidden',
    ],
  ])('a hold is released by %s', (_who, who, object, expected) => {
    expect(answer(who, 'hold:release', object)).toBe(expected);
  });

  it('a proposal is not confirmed by whoever made it', () => {
    expect(answer(operator, 'proposal:confirm', { proposedBy: ME })).toBe('second-person');
    expect(answer(operator, 'proposal:confirm', { proposedBy: 'p2' })).toBe('yes');
  });

  it.each(['key:issue', 'role:grant'] as const)('%s for somebody who decides is not one operator’s', (action) => {
    for (const role of ['officer', 'approver', 'admin'] as const) {
      const object: ObjectFacts = { organisationId: 'org-theirs', personId: 'p2', roles: [role] };
      expect(answer(operator, action, object)).toBe('second-person');
      expect(answer(operator, action, { ...object, proposedBy: ME })).toBe('second-person');
      expect(answer(operator, action, { ...object, proposedBy: 'p3' })).toBe('yes');
      expect(answer(principal('oversight', 'overseer'), action, { ...object, proposedBy: 'p3' })).not.toBe('yes');
      const fellow: ObjectFacts = { organisationId: 'org-mine', personId: 'p2', roles: [role], proposedBy: 'p3' };
      expect(answer(operator, action, fellow)).toBe('second-person');
    }
    for (const role of ['analyst', 'overseer'] as const) {
      expect(answer(operator, action, { organisationId: 'org-theirs', personId: 'p2', roles: [role] })).toBe('yes');
    }
  });

  it('a protected list is narrowed by nobody alone', () => {
    expect(answer(operator, 'protected-list:narrow', {})).toBe('second-person');
    expect(answer(operator, 'protected-list:narrow', { proposedBy: ME })).toBe('second-person');
    expect(answer(operator, 'protected-list:narrow', { proposedBy: 'p2' })).toBe('yes');
    expect(answer(approver, 'protected-list:narrow', { proposedBy: 'p2' })).toBe('forbidden');
    expect(answer(operator, 'organisation:admit', {})).toBe('second-person');
    expect(answer(operator, 'organisation:admit', { proposedBy: ME })).toBe('second-person');
    expect(answer(operator, 'organisation:admit', { proposedBy: 'p2' })).toBe('yes');
  });

  it('an operator gives no key to a fellow operator', () => {
    expect(answer(operator, 'key:issue', { organisationId: 'org-mine', personId: 'p2' })).toBe('second-person');
    expect(answer(operator, 'key:issue', { organisationId: 'org-mine', personId: ME })).toBe('yes');
  });
});

describe('a dispute is decided', () => {
  const approver = principal('agency', 'approver');
  const [mine, theirs] = [{ assertedBy: ['org-mine', 'org-theirs'] }, { assertedBy: ['org-theirs'] }];

  it.each<[string, Principal, ObjectFacts, string]>([
    ['by an operator', principal('operator', 'operator'), { ...mine, ofPublicInterest: true }, 'yes'],
    ['by another agency', approver, { ...theirs, ofPublicInterest: true }, 'yes'],
    ['by another agency, of words', approver, { ...theirs, ofPublicInterest: false }, 'yes'],
    ['by nobody who asserts it, of public interest', approver, { ...mine, ofPublicInterest: true }, 'second-person'],
    ['by who asserts it, of words', approver, { ...mine, ofPublicInterest: false }, 'yes'],
    ['by nobody who asserts it, where it is not known of what', approver, mine, 'second-person'],
    ['by no officer', principal('agency', 'officer'), { ...theirs, ofPublicInterest: false }, 'forbidden'],
    ['by no platform', principal('platform', 'admin'), { ...theirs, ofPublicInterest: false }, 'forbidden'],
    ['by no overseer', principal('oversight', 'overseer'), { ...theirs, ofPublicInterest: false }, 'forbidden'],
  ])('%s', (_who, who, object, expected) => expect(answer(who, 'dispute:decide', object)).toBe(expected));
});
