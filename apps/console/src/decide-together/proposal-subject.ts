import { isUUID } from 'class-validator';
import { API_KEY_ID, DECIDING_ROLES } from '#libs/access';
import { isReleasableLine, isRetractionReason, rejection, RETRACTION_REASONS } from '#libs/domain';
import { isMoment } from '#libs/events';
import type { ProposalAction } from '#libs/persistence';
import { JUDGES } from '#libs/safeguards';
import { STANDINGS } from '../admit-organisations/standing.js';
import { LEAVE_POLICIES, type LeavePolicy } from '../admit-organisations/organisation.dto.js';

/** The name of a list of a third party, as origins say it. */
const LIST_NAME = /^[a-z0-9][a-z0-9-]{0,59}$/;
const LONGEST_TERMS = 400;
/** Ids of channels and of protected lists. */
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

type Subject = Record<string, string>;

function refuse(problem: string): never {
  throw rejection('TOC_REQUEST_PARAMETER', `The subject is not valid: ${problem}.`);
}

function text(given: Record<string, unknown>, name: string, fits: (value: string) => boolean, rule: string): string {
  const value = given[name];
  return typeof value === 'string' && fits(value) ? value : refuse(`${name} must be ${rule}`);
}

const id = (given: Record<string, unknown>, name: string): string =>
  text(given, name, (value) => isUUID(value), 'an id');
const channel = (given: Record<string, unknown>, name: string): string =>
  text(given, name, (value) => SLUG.test(value), 'the id of a channel');

const isTerms = (words: string): boolean => isReleasableLine(words) && words.length <= LONGEST_TERMS;
const isStanding = (word: string): boolean => STANDINGS.some((standing) => standing === word);
const isJudging = (word: string): boolean => JUDGES.some((judging) => judging === word);

/** Whether a word says what a platform that leaves is asked to do. */
export function isLeavePolicy(word: string): word is LeavePolicy {
  return LEAVE_POLICIES.some((policy) => policy === word);
}

/** Whether a word is a role that only two operators give. */
export function isDecidingRole(word: string): word is (typeof DECIDING_ROLES)[number] {
  return DECIDING_ROLES.some((role) => role === word);
}

function readStop(given: Record<string, unknown>): Subject {
  const scope = text(
    given,
    'scope',
    (word) => ['everything', 'agency', 'channel'].includes(word),
    'everything, agency or channel',
  );
  if (scope === 'everything') return { scope };
  return { scope, id: scope === 'agency' ? id(given, 'id') : channel(given, 'id') };
}

const READERS: Record<ProposalAction, (given: Record<string, unknown>) => Subject> = {
  stop: readStop,
  'lift-stop': (given) => ({ stop: id(given, 'stop') }),
  purge: (given) => ({ submission: id(given, 'submission') }),
  rebuild: (given) => ({ channel: channel(given, 'channel') }),
  retract: (given) => ({
    advisory: id(given, 'advisory'),
    reason: text(given, 'reason', isRetractionReason, `one of ${Object.keys(RETRACTION_REASONS).join(', ')}`),
  }),
  'issue-key': (given) => ({
    person: id(given, 'person'),
    ...(given.expires_at !== undefined && { expires_at: text(given, 'expires_at', isMoment, 'a moment of RFC 3339') }),
  }),
  'grant-role': (given) => ({
    person: id(given, 'person'),
    role: text(given, 'role', isDecidingRole, `one of ${DECIDING_ROLES.join(', ')}`),
  }),
  'replace-protected-list': (given) => ({
    list: text(given, 'list', (value) => SLUG.test(value), 'the id of a list'),
    ...(given.judges !== undefined && { judges: text(given, 'judges', isJudging, `one of ${JUDGES.join(', ')}`) }),
  }),
  'permit-list': (given) => ({
    agency: id(given, 'agency'),
    list: text(given, 'list', (value) => LIST_NAME.test(value), 'the name of a list, as in third-party-list:name'),
    terms: text(given, 'terms', isTerms, `the agreement that says so, at most ${LONGEST_TERMS} characters`),
    ...(given.until !== undefined && { until: text(given, 'until', isMoment, 'a moment of RFC 3339') }),
  }),
  'undo-submitter': (given) => ({
    agency: id(given, 'agency'),
    ...(given.person !== undefined && { person: id(given, 'person') }),
    ...(given.key !== undefined && { key: text(given, 'key', (value) => API_KEY_ID.test(value), 'the id of a key') }),
    from: text(given, 'from', isMoment, 'a moment of RFC 3339'),
    until: text(given, 'until', isMoment, 'a moment of RFC 3339'),
  }),
  admit: (given) => ({ organisation: id(given, 'organisation') }),
  'change-standing': (given) => ({
    organisation: id(given, 'organisation'),
    standing: text(given, 'standing', isStanding, `one of ${STANDINGS.join(', ')}`),
  }),
  reinstate: (given) => ({ organisation: id(given, 'organisation') }),
  'close-duty': (given) => ({
    platform: id(given, 'platform'),
    statement: text(given, 'statement', (value) => /^[0-9a-f]{64}$/.test(value), 'the SHA-256 of the signed document'),
    says: text(
      given,
      'says',
      (word) => ['deleted', 'kept-until-expiry'].includes(word),
      'deleted or kept-until-expiry: what became of everything that was received',
    ),
  }),
  'close-channel': (given) => ({ channel: channel(given, 'channel') }),
  'release-organisation': (given) => ({
    organisation: id(given, 'organisation'),
    ...(given.leave_policy !== undefined && {
      leave_policy: text(given, 'leave_policy', isLeavePolicy, `one of ${LEAVE_POLICIES.join(', ')}`),
    }),
  }),
};

/**
 * Reads what a proposal is about. The words depend on the action; others are refused.
 * @throws a rejection `TOC_REQUEST_PARAMETER`
 */
export function readSubject(action: ProposalAction, given: Record<string, unknown>): Subject {
  const subject = READERS[action](given);
  const strange = Object.keys(given).filter((name) => !(name in subject));
  if (strange.length > 0) refuse(`${strange.map((name) => name.slice(0, 60)).join(', ')} is not known here`);
  return subject;
}

/** What the audit rows name: kind and id of the thing that is decided about. */
export function auditSubject(action: ProposalAction, subject: Subject): string {
  if (action === 'purge') return `submission/${subject.submission}`;
  if (action === 'rebuild' || action === 'close-channel') return `channel/${subject.channel}`;
  if (action === 'retract') return `advisory/${subject.advisory}`;
  if (action === 'lift-stop') return `stop/${subject.stop}`;
  if (action === 'issue-key' || action === 'grant-role') return `person/${subject.person}`;
  if (['release-organisation', 'admit', 'change-standing', 'reinstate'].includes(action))
    return `organisation/${subject.organisation}`;
  if (action === 'close-duty') return `organisation/${subject.platform}`;
  if (action === 'permit-list' || action === 'undo-submitter') return `organisation/${subject.agency}`;
  if (action === 'replace-protected-list') return `protected-list/${subject.list}`;
  return subject.scope === 'everything'
    ? 'exchange'
    : `${subject.scope === 'agency' ? 'organisation' : 'channel'}/${subject.id}`;
}
