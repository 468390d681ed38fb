import type { HoldReason } from '#libs/domain';
import { rejection } from '#libs/domain';
import type { OrganisationKind, Role } from '#libs/persistence';
import type { Principal } from './principal.js';

/** Everything that anybody may be allowed to do. */
export const ACTIONS = [
  'submission:create',
  'submission:read',
  'submission:list',
  'submission:complete',
  'submission:preview',
  'collection:read',
  'collection:write',
  'advisory:read',
  'advisory:retract',
  'advisory:revise',
  'hold:list',
  'hold:release',
  'hold:refuse',
  'doubt:list',
  'doubt:stand-by',
  'doubt:retract',
  'organisation:list',
  'organisation:read',
  'organisation:manage',
  'organisation:admit',
  'person:list',
  'person:manage',
  'role:grant',
  'key:issue',
  'key:list',
  'key:revoke',
  'channel:create',
  'channel:list',
  'subscription:manage',
  'subscription:pause',
  'subscription:resend',
  'subscription:read',
  'feed:read',
  'feedback:give',
  'feedback:read',
  'platform:suspend',
  'service:manage',
  'service:read',
  'kafka-credentials:issue',
  'kafka-credentials:revoke',
  'proposal:create',
  'undo:preview',
  'proposal:confirm',
  'proposal:list',
  'reach:read',
  'outcome:read',
  'naming:read',
  'naming:manage',
  'report:read',
  'retraction:follow',
  'dispute:list',
  'dispute:decide',
  'dead-letter:list',
  'dead-letter:replay',
  'protected-list:read',
  'protected-list:write',
  'protected-list:narrow',
  'health:read',
  'audit:read',
] as const;
export type Action = (typeof ACTIONS)[number];

/** What is known of the object that an action is about. */
export interface ObjectFacts {
  /** The organisation that owns it. */
  organisationId?: string;
  /** The person who submitted it. */
  submittedBy?: string;
  /** Who added to what was submitted; none of them is a second person about it. */
  completedBy?: readonly string[];
  /** Why it is held. */
  reason?: HoldReason;
  /** The agencies that want to be asked about it first. */
  askedOf?: readonly string[];
  /** The agencies that assert what is disputed. */
  assertedBy?: readonly string[];
  /** Whether it is disputed as being there for good reason. */
  ofPublicInterest?: boolean;
  /** The operator who proposed it. */
  proposedBy?: string;
  /** The roles of the person whom it belongs to, or is to be given to. */
  roles?: readonly Role[];
  /** The person whom it belongs to (a key's holder). */
  personId?: string;
}

/**
 * One way of being allowed: an organisation of this kind, one of these roles, and a relation to the object.
 * `own`: the person's organisation owns it · `others`: it does not · `any`: either, or there is no object ·
 * `self`: it belongs to the person · `not-submitter`, `not-proposer`: a second person · `confirming`: nobody alone, only
 * who confirms what another operator proposed.
 */
interface Rule {
  kind: OrganisationKind;
  roles: readonly Role[];
  to: 'any' | 'own' | 'self';
  secondPerson?: 'not-submitter' | 'not-proposer' | 'confirming';
  /** Only for holds of these reasons. */
  reasons?: readonly HoldReason[];
  /** Only for who is to be asked about it first. */
  asked?: boolean;
  /** About a dispute: only for who does not assert the row, or only for who does, and not where it is of public interest. */
  disputed?: 'not-asserting' | 'own-words';
  /** Only when another organisation owns the object. */
  others?: boolean;
  /** Only for people who decide nothing in their organisation; see {@link DECIDING_ROLES}. */
  harmless?: boolean;
}

/** Roles by which a person acts for an agency or a platform: who can give them alone could act as anybody. */
export const DECIDING_ROLES = ['officer', 'approver', 'admin'] as const satisfies readonly Role[];

/** Whether somebody with these roles acts for an agency or a platform. */
export function decides(roles: readonly Role[]): boolean {
  return roles.some((role) => DECIDING_ROLES.some((deciding) => deciding === role));
}

const OPERATOR: Rule = { kind: 'operator', roles: ['operator'], to: 'any' };
const OVERSEER: Rule = { kind: 'oversight', roles: ['overseer'], to: 'any' };
const own = (roles: readonly Role[]): Rule => ({ kind: 'agency', roles, to: 'own' });
const ownPlatform: Rule = { kind: 'platform', roles: ['admin'], to: 'own' };
const ownPlatformStaff: Rule = { ...ownPlatform, roles: ['admin', 'analyst'] };
const anybodyOf = (kind: OrganisationKind, roles: readonly Role[]): Rule => ({ kind, roles, to: 'any' });
const AGENCY: readonly Role[] = ['officer', 'approver'];
const ASKED: Rule = { ...anybodyOf('agency', AGENCY), asked: true, reasons: ['review'] };
const myself: Rule[] = (['agency', 'platform', 'operator', 'oversight'] as const).map((kind) => ({
  kind,
  roles: ['officer', 'approver', 'admin', 'analyst', 'operator', 'overseer'],
  to: 'self',
}));

/** The table of rules. What is not here is not allowed. */
const RULES: Record<Action, readonly Rule[]> = {
  'submission:create': [anybodyOf('agency', AGENCY)],
  'submission:read': [own(AGENCY), OPERATOR],
  'submission:list': [anybodyOf('agency', AGENCY)],
  'submission:complete': [own(AGENCY)],
  'submission:preview': [anybodyOf('agency', AGENCY)],
  'collection:read': [own(AGENCY)],
  'collection:write': [own(AGENCY)],
  'advisory:read': [own(AGENCY), OPERATOR],
  'advisory:retract': [own(AGENCY)],
  'advisory:revise': [own(AGENCY)],
  'hold:list': [anybodyOf('agency', AGENCY), OPERATOR],
  'hold:release': [
    { ...OPERATOR, secondPerson: 'not-submitter', reasons: ['protected-list', 'flood'] },
    { ...anybodyOf('agency', ['approver']), secondPerson: 'not-submitter', reasons: ['protected-list'], others: true },
    { ...own(['approver']), secondPerson: 'not-submitter', reasons: ['marking-lowered', 'people-data', 'flood'] },
    ASKED,
  ],
  'hold:refuse': [OPERATOR, own(AGENCY), ASKED],
  'doubt:list': [anybodyOf('agency', AGENCY)],
  'doubt:stand-by': [{ ...own(['approver']), secondPerson: 'not-submitter' }],
  'doubt:retract': [own(AGENCY)],
  'organisation:list': [OPERATOR, OVERSEER],
  'organisation:read': [OPERATOR, OVERSEER, own(AGENCY), ownPlatformStaff],
  'organisation:manage': [OPERATOR],
  // What it may be told, and that it takes part again, nobody says alone.
  'organisation:admit': [{ ...OPERATOR, secondPerson: 'confirming' }],
  'person:list': [OPERATOR, OVERSEER, own(['approver']), ownPlatform],
  'person:manage': [OPERATOR],
  'role:grant': [
    { ...OPERATOR, others: true, harmless: true },
    { ...OPERATOR, others: true, secondPerson: 'confirming' },
  ],
  // A key for a fellow operator would make one person two.
  'key:issue': [
    { ...OPERATOR, others: true, harmless: true },
    { ...OPERATOR, others: true, secondPerson: 'confirming' },
    ...myself,
  ],
  'key:list': [OPERATOR, ...myself],
  'key:revoke': [OPERATOR, ...myself],
  'channel:create': [OPERATOR],
  'channel:list': [OPERATOR, OVERSEER, anybodyOf('agency', AGENCY), anybodyOf('platform', ['admin', 'analyst'])],
  'subscription:manage': [ownPlatform],
  'subscription:pause': [ownPlatform, OPERATOR],
  'subscription:resend': [ownPlatform, OPERATOR],
  'subscription:read': [ownPlatformStaff, OPERATOR, OVERSEER],
  'feed:read': [anybodyOf('platform', ['admin', 'analyst'])],
  'feedback:give': [anybodyOf('platform', ['admin', 'analyst'])],
  'feedback:read': [ownPlatformStaff],
  'platform:suspend': [OPERATOR],
  'service:manage': [ownPlatform],
  'service:read': [ownPlatformStaff, OPERATOR, OVERSEER],
  'kafka-credentials:issue': [ownPlatform],
  'kafka-credentials:revoke': [ownPlatform, OPERATOR],
  'proposal:create': [OPERATOR],
  'undo:preview': [OPERATOR],
  'proposal:confirm': [{ ...OPERATOR, secondPerson: 'not-proposer' }],
  'proposal:list': [OPERATOR, OVERSEER],
  'reach:read': [OPERATOR, OVERSEER],
  'outcome:read': [own(AGENCY)],
  'naming:read': [ownPlatformStaff],
  'naming:manage': [ownPlatform],
  'report:read': [anybodyOf('agency', AGENCY)],
  'retraction:follow': [own(AGENCY)],
  'dispute:list': [anybodyOf('agency', AGENCY), OPERATOR, OVERSEER],
  'dispute:decide': [
    OPERATOR,
    { ...anybodyOf('agency', ['approver']), disputed: 'not-asserting' },
    { ...anybodyOf('agency', ['approver']), disputed: 'own-words' },
  ],
  'dead-letter:list': [OPERATOR],
  'dead-letter:replay': [OPERATOR],
  'protected-list:read': [OPERATOR, OVERSEER, anybodyOf('agency', AGENCY)],
  'protected-list:write': [OPERATOR],
  'protected-list:narrow': [{ ...OPERATOR, secondPerson: 'confirming' }],
  'health:read': [OPERATOR],
  'audit:read': [OPERATOR, OVERSEER],
};

type Refusal = 'not-here' | 'forbidden' | 'second-person';

/** Whether a rule allows it; if not, what the person may be told. */
function judge(rule: Rule, principal: Principal, object: ObjectFacts): 'allowed' | Refusal {
  if (rule.kind !== principal.organisationKind) return 'forbidden';
  const isOwn = object.organisationId === principal.organisationId;
  if (rule.to === 'own' && !isOwn) return 'not-here';
  if (rule.to === 'self' && object.personId !== principal.personId) return 'not-here';
  if (rule.asked && !(object.askedOf ?? []).includes(principal.organisationId)) return 'forbidden';
  if (rule.reasons && !(object.reason && rule.reasons.includes(object.reason))) return 'forbidden';
  if (rule.disputed) {
    if (!object.assertedBy) return 'forbidden';
    const asserts = object.assertedBy.includes(principal.organisationId);
    if (rule.disputed === 'own-words' && !(asserts && object.ofPublicInterest === false)) return 'forbidden';
    if (rule.disputed === 'not-asserting' && asserts) return 'second-person';
  }
  if (rule.others && isOwn) return 'second-person';
  if (!rule.roles.some((role) => principal.roles.includes(role))) return 'forbidden';
  if (rule.harmless && decides(object.roles ?? [])) return 'second-person';
  const confirms = object.proposedBy !== undefined && object.proposedBy !== principal.personId;
  if (rule.secondPerson === 'confirming' && !confirms) return 'second-person';
  if (rule.secondPerson === 'not-submitter' && saidBy(object).includes(principal.personId)) return 'second-person';
  if (rule.secondPerson === 'not-proposer' && object.proposedBy === principal.personId) return 'second-person';
  return 'allowed';
}

/**
 * The one authorisation function; deny by default. An object of another organisation, where only one's own may be
 * touched, is refused as if it did not exist; what a second person has to do is said so.
 * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_ACCESS_FORBIDDEN`, `TOC_ACCESS_SECOND_PERSON`
 */
export function authorise(principal: Principal, action: Action, object: ObjectFacts = {}): void {
  const judgements = RULES[action].map((rule) => judge(rule, principal, object));
  if (judgements.includes('allowed')) return;
  if (judgements.includes('second-person')) throw rejection('TOC_ACCESS_SECOND_PERSON', 'somebody else has to do this');
  const hidden = object.organisationId !== undefined && object.organisationId !== principal.organisationId;
  if (hidden && !judgements.every((judgement) => judgement === 'forbidden')) {
    throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
  }
  throw rejection('TOC_ACCESS_FORBIDDEN', 'this key may not do that');
}

/** Everybody whose words a submission holds. */
function saidBy({ submittedBy, completedBy = [] }: ObjectFacts): string[] {
  return submittedBy === undefined ? [...completedBy] : [submittedBy, ...completedBy];
}
