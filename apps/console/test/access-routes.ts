import { randomUUID } from 'node:crypto';
import type { Actor, ConsoleRig } from './console-rig.js';

export type Who = 'nobody' | 'officer' | 'approver' | 'admin' | 'analyst' | 'stranger' | 'operator' | 'overseer';
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

export const EVERYBODY: Who[] = [
  'nobody',
  'officer',
  'approver',
  'admin',
  'analyst',
  'stranger',
  'operator',
  'overseer',
];
const REASON = { reason: 'to see who may' };
const SENTENCE = { sentence: 'It was looked at.' };

/**
 * One route: what is called, about an object of the platform that `admin` and `analyst` belong to (or of the agency
 * of `officer` and `approver`), and who may. Who is not named is forbidden; `hidden` are told that there is no such
 * object. `stranger` is the admin of another platform.
 */
export interface Route {
  method: Method;
  /** As in the OpenAPI document. */
  path: string;
  /** The id in the path; made anew for each call where a call uses it up. */
  id?: (rig: ConsoleRig, world: World) => string | Promise<string>;
  body?: unknown;
  query?: string;
  may: Who[];
  hidden?: Who[];
  /** Status for those who may; a conflict proves as well that somebody was let in. */
  status?: number;
}

export interface World {
  actors: Record<Exclude<Who, 'nobody'>, Actor>;
  channel: string;
  subscription: string;
}

const PLATFORM = (_: ConsoleRig, { actors }: World): string => actors.admin.organisationId;
const SUBSCRIPTION = (_: ConsoleRig, { subscription }: World): string => subscription;
const ANY_ID = (): string => randomUUID();
const OTHERS: Who[] = ['officer', 'approver', 'stranger'];

const WINDOW = '?agency=018f0000-0000-7000-8000-00000000a9e0&from=2026-01-01T00:00:00Z&until=2026-02-01T00:00:00Z';
export const ROUTES: Route[] = [
  {
    method: 'POST',
    path: '/v1/organisations',
    body: { kind: 'platform', name: 'x', country: 'NO' },
    may: ['operator'],
    status: 400,
  },
  { method: 'GET', path: '/v1/organisations', may: ['operator', 'overseer'] },
  {
    method: 'GET',
    path: '/v1/organisations/{id}',
    id: PLATFORM,
    may: ['admin', 'analyst', 'operator', 'overseer'],
    hidden: OTHERS,
  },
  { method: 'PATCH', path: '/v1/organisations/{id}', id: PLATFORM, body: {}, may: ['operator'] },
  { method: 'GET', path: '/v1/admissions', may: ['operator', 'overseer'] },
  {
    method: 'GET',
    path: '/v1/organisations/{id}/admission',
    id: PLATFORM,
    may: ['admin', 'analyst', 'operator', 'overseer'],
    hidden: OTHERS,
  },
  {
    method: 'POST',
    path: '/v1/organisations/{id}/admission',
    id: ANY_ID,
    body: {
      legal_entity: { name: 'x', registration_number: 'x', country: 'NO' },
      agreement: { reference: 'x', sha256: 'a'.repeat(64), signed_on: '2026-01-01' },
      ...{ sponsor: randomUUID(), review_on: '2026-01-01', ...REASON },
    },
    may: ['operator'],
    status: 404,
  },
  {
    method: 'DELETE',
    path: '/v1/organisations/{id}/list-permissions/{list}',
    id: PLATFORM,
    query: '?reason=to%20see%20who%20may',
    may: ['operator'],
    status: 404,
  },
  {
    method: 'POST',
    path: '/v1/services',
    body: { host: 'nothing', kind: 'site' },
    may: ['admin', 'stranger'],
    status: 400,
  },
  { method: 'GET', path: '/v1/services', may: ['admin', 'analyst', 'stranger', 'operator', 'overseer'] },
  { method: 'POST', path: '/v1/services/{id}/proof', id: ANY_ID, may: [], hidden: ['admin', 'analyst', 'stranger'] },
  { method: 'DELETE', path: '/v1/services/{id}', id: ANY_ID, may: [], hidden: ['admin', 'analyst', 'stranger'] },
  {
    method: 'POST',
    path: '/v1/organisations/{id}/people',
    id: PLATFORM,
    body: { name: 'x', roles: ['officer'] },
    may: ['operator'],
    status: 400,
  },
  {
    method: 'GET',
    path: '/v1/organisations/{id}/people',
    id: PLATFORM,
    may: ['admin', 'operator', 'overseer'],
    hidden: ['officer', 'approver', 'stranger'],
  },
  {
    method: 'PATCH',
    path: '/v1/people/{id}',
    id: (_, { actors }) => actors.analyst.personId,
    body: { roles: ['analyst'], ...REASON },
    may: ['operator'],
  },
  {
    method: 'POST',
    path: '/v1/people/{id}/keys',
    id: (_, { actors }) => actors.analyst.personId,
    body: { replaces: 'none' },
    may: ['analyst', 'operator'],
    hidden: [...OTHERS, 'overseer'],
    status: 409,
  },
  {
    method: 'GET',
    path: '/v1/people/{id}/keys',
    id: (_, { actors }) => actors.analyst.personId,
    may: ['analyst', 'operator'],
    hidden: [...OTHERS, 'overseer'],
  },
  {
    method: 'POST',
    path: '/v1/keys/{id}/revocation',
    id: async (rig, { actors }) => (await rig.admitPerson(actors.admin.organisationId, 'analyst')).keyId,
    body: REASON,
    may: ['operator'],
    hidden: [...OTHERS, 'overseer'],
  },
  {
    method: 'POST',
    path: '/v1/channels',
    body: { id: 'x', title: 'x', audience: { members: [randomUUID()] }, highest_tlp: 'clear' },
    may: ['operator'],
    status: 400,
  },
  {
    method: 'GET',
    path: '/v1/channels',
    may: ['officer', 'approver', 'admin', 'analyst', 'stranger', 'operator', 'overseer'],
  },
  {
    method: 'GET',
    path: '/v1/channels/{id}',
    id: (rig, { actors }) => rig.openChannel({ members: [actors.admin.organisationId] }),
    may: ['officer', 'approver', 'admin', 'analyst', 'operator', 'overseer'],
    hidden: ['stranger'],
  },
  {
    method: 'POST',
    path: '/v1/subscriptions',
    body: { connector: 'kafka', channels: ['no-such-channel'], settings: {} },
    may: ['admin', 'stranger'],
    status: 422,
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/preview',
    body: { channels: ['no-such-channel'] },
    may: ['admin', 'stranger'],
    status: 422,
  },
  { method: 'GET', path: '/v1/subscriptions', may: ['admin', 'analyst', 'stranger', 'operator', 'overseer'] },
  {
    method: 'GET',
    path: '/v1/subscriptions/{id}',
    id: SUBSCRIPTION,
    may: ['admin', 'analyst', 'operator', 'overseer'],
    hidden: ['stranger'],
  },
  {
    method: 'GET',
    path: '/v1/subscriptions/{id}/status',
    id: SUBSCRIPTION,
    may: ['admin', 'analyst', 'operator', 'overseer'],
    hidden: ['stranger'],
  },
  {
    method: 'GET',
    path: '/v1/subscriptions/{id}/attempts',
    id: SUBSCRIPTION,
    may: ['admin', 'analyst', 'operator', 'overseer'],
    hidden: ['stranger'],
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/{id}/resend',
    id: SUBSCRIPTION,
    body: { attempt: '1' },
    may: ['admin', 'operator'],
    hidden: ['stranger'],
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/{id}/recovery',
    id: SUBSCRIPTION,
    body: { since: '2026-01-01T00:00:00Z' },
    may: ['admin', 'operator'],
    hidden: ['stranger'],
  },
  { method: 'PATCH', path: '/v1/subscriptions/{id}', id: SUBSCRIPTION, body: {}, may: ['admin'], hidden: ['stranger'] },
  {
    method: 'POST',
    path: '/v1/subscriptions/{id}/pause',
    id: SUBSCRIPTION,
    body: {},
    may: ['admin', 'operator'],
    hidden: ['stranger'],
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/{id}/resume',
    id: SUBSCRIPTION,
    body: {},
    may: ['admin', 'operator'],
    hidden: ['stranger'],
  },
  {
    method: 'POST',
    path: '/v1/subscriptions/{id}/secrets',
    id: SUBSCRIPTION,
    body: { overlap_hours: 1 },
    may: ['admin'],
    hidden: ['stranger'],
    status: 409,
  },
  {
    method: 'POST',
    path: '/v1/platforms/{id}/kafka-credentials',
    id: (_, { actors }) => actors.admin.organisationId,
    may: ['admin'],
    hidden: ['stranger'],
    status: 201,
  },
  {
    method: 'GET',
    path: '/v1/platforms/{id}/kafka-credentials',
    id: PLATFORM,
    may: ['admin', 'analyst', 'operator', 'overseer'],
    hidden: ['stranger'],
  },
  {
    method: 'DELETE',
    path: '/v1/platforms/{id}/kafka-credentials',
    id: PLATFORM,
    query: '?reason=to+see+who+may',
    may: ['admin', 'operator'],
    hidden: ['stranger'],
  },
  {
    method: 'POST',
    path: '/v1/proposals',
    body: { action: 'stop', subject: {}, ...REASON },
    may: ['operator'],
    status: 400,
  },
  { method: 'GET', path: '/v1/proposals', may: ['operator', 'overseer'] },
  { method: 'GET', path: '/v1/proposals/{id}', id: ANY_ID, may: ['operator', 'overseer'], status: 404 },
  { method: 'POST', path: '/v1/proposals/{id}/confirmation', id: ANY_ID, may: ['operator'], status: 404 },
  { method: 'GET', path: '/v1/protected-lists', may: ['officer', 'approver', 'operator', 'overseer'] },
  {
    method: 'GET',
    path: '/v1/protected-lists/{id}',
    id: () => 'benign-digests',
    may: ['officer', 'approver', 'operator', 'overseer'],
  },
  {
    method: 'PUT',
    path: '/v1/protected-lists/{id}',
    id: () => 'benign-digests',
    query: '?reason=to+see+who+may',
    body: {},
    may: ['operator'],
    status: 400,
  },
  // Holds are judged one by one where they are kept; the console passes the person on, and everybody gets that answer.
  { method: 'GET', path: '/v1/holds', may: EVERYBODY.slice(1) },
  { method: 'POST', path: '/v1/holds/{id}/release', id: ANY_ID, body: REASON, may: EVERYBODY.slice(1) },
  { method: 'POST', path: '/v1/holds/{id}/refusal', id: ANY_ID, body: REASON, may: EVERYBODY.slice(1) },
  // And so are disputes.
  { method: 'GET', path: '/v1/disputes', may: EVERYBODY.slice(1) },
  { method: 'POST', path: '/v1/disputes/{id}/uphold', id: ANY_ID, body: SENTENCE, may: EVERYBODY.slice(1) },
  { method: 'POST', path: '/v1/disputes/{id}/dismissal', id: ANY_ID, body: SENTENCE, may: EVERYBODY.slice(1) },
  { method: 'GET', path: '/v1/challenges', may: EVERYBODY.slice(1) },
  { method: 'POST', path: '/v1/challenges/{id}/uphold', id: ANY_ID, body: SENTENCE, may: EVERYBODY.slice(1) },
  { method: 'POST', path: '/v1/challenges/{id}/dismissal', id: ANY_ID, body: SENTENCE, may: EVERYBODY.slice(1) },
  { method: 'GET', path: '/v1/undo-preview', query: WINDOW, may: ['operator'] },
  {
    method: 'GET',
    path: '/v1/retractions',
    query: '?proposal=018f0000-0000-7000-8000-000000000001',
    may: ['operator', 'overseer'],
  },
  { method: 'GET', path: '/v1/research-releases/{id}/proof', id: () => '2026-Q3', may: ['operator', 'overseer'] },
  { method: 'GET', path: '/v1/retractions/overdue', may: ['operator', 'overseer'] },
  { method: 'GET', path: '/v1/retractions/{id}/reach', id: ANY_ID, may: ['operator', 'overseer'] },
  { method: 'GET', path: '/v1/rows/{id}/reach', id: ANY_ID, query: '?channel=everyone', may: ['operator', 'overseer'] },
  {
    method: 'GET',
    path: '/v1/rows/{id}/holders',
    id: ANY_ID,
    query: '?channel=everyone&version=3',
    may: ['operator', 'overseer'],
  },
  {
    method: 'GET',
    path: '/v1/platforms/{id}/holdings',
    id: ANY_ID,
    query: '?channel=everyone',
    may: ['operator', 'overseer'],
  },
  { method: 'GET', path: '/v1/dead-letters', may: ['operator'] },
  { method: 'GET', path: '/v1/dead-letters/{id}', id: ANY_ID, may: ['operator'] },
  { method: 'POST', path: '/v1/dead-letters/{id}/replay', id: ANY_ID, may: ['operator'] },
  { method: 'GET', path: '/v1/audit', may: ['operator', 'overseer'] },
  // Last, because it ends what the others are about.
  {
    method: 'POST',
    path: '/v1/subscriptions/{id}/departure',
    id: SUBSCRIPTION,
    body: { policy: 'delete-all', ...REASON },
    may: ['admin'],
    hidden: ['stranger'],
  },
];
