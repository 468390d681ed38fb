import { IsNull, type EntityManager } from 'typeorm';
import type { Principal } from '#libs/access';
import { fault, rejection } from '#libs/domain';
import { Channel, Stop } from '#libs/persistence';
import { admitOrganisation } from '../admit-organisations/admit-organisation.js';
import { permitList } from '../admit-organisations/list-permissions.js';
import { grantRole } from '../admit-organisations/people.service.js';
import { releaseOrganisation } from '../admit-organisations/release-organisation.js';
import { changeStanding, reinstate } from '../admit-organisations/standing.js';
import { issueKey } from '../issue-keys/keys.service.js';
import { aboutList, replaceList } from '../keep-protected-lists/protected-lists.service.js';
import { isDecidingRole } from './proposal-subject.js';
import type { ProposalRow } from '../plain.js';

/** What a confirmation did in its own transaction. */
export interface Effect {
  /** Facts for the outcome and the audit row. */
  facts: Record<string, unknown>;
  /** A key just issued, which is shown to who confirmed and kept nowhere. */
  key?: string;
}

/**
 * Does what the directory itself has to do about a proposal, as the second operator and within the transaction that
 * confirms it.
 * @returns undefined for what another service has to do
 * @throws a rejection, by which the proposal stays open
 */
export async function takeEffect(
  manager: EntityManager,
  principal: Principal,
  { id, action, subject, content, proposedBy }: ProposalRow,
  now: Date,
): Promise<Effect | undefined> {
  if (action === 'stop') {
    // Rows that every service reads before it publishes.
    const scope = subject.scope === 'agency' || subject.scope === 'channel' ? subject.scope : 'everything';
    await manager.insert(Stop, { id, scope, subject: subject.id ?? null, since: now, liftedAt: null });
    return { facts: {} };
  }
  if (action === 'lift-stop') {
    const lifted = await manager.update(Stop, { id: subject.stop, liftedAt: IsNull() }, { liftedAt: now });
    if (lifted.affected !== 1) throw rejection('TOC_REQUEST_CONFLICT', 'There is no such stop in force.');
    return { facts: {} };
  }
  if (action === 'issue-key') {
    const { person = '', expires_at } = subject;
    const { key, row } = await issueKey(manager, principal, person, { expires_at }, proposedBy);
    return { facts: { key: row.id }, key };
  }
  if (action === 'grant-role') {
    const { person = '', role = '' } = subject;
    if (!isDecidingRole(role)) throw fault('a proposal names a role that nobody proposes');
    const keysEnded = await grantRole(manager, principal, { personId: person, role, proposedBy });
    return { facts: { role, keys_ended: keysEnded } };
  }
  if (action === 'replace-protected-list') {
    if (!content || !('entries' in content)) throw fault('a proposal to replace a list has no list');
    const replaces = Number(subject.replaces_version);
    const list = await replaceList(manager, principal, { id: subject.list ?? '', content, replaces, proposedBy });
    return { facts: aboutList(list) };
  }
  if (action === 'admit') {
    if (!content || !('sponsor' in content)) throw fault('a proposal to admit says nothing');
    return { facts: await admitOrganisation(manager, principal, { id, subject, proposedBy }, content) };
  }
  if (action === 'change-standing') return { facts: await changeStanding(manager, principal, subject, proposedBy) };
  if (action === 'reinstate') return { facts: await reinstate(manager, principal, subject, proposedBy) };
  if (action === 'permit-list') return { facts: await permitList(manager, subject) };
  if (action === 'close-channel') {
    const closed = await manager.update(Channel, { id: subject.channel, state: 'open' }, { state: 'closed' });
    if (closed.affected !== 1) throw rejection('TOC_REQUEST_CONFLICT', 'There is no such open channel.');
    return { facts: {} };
  }
  if (action === 'release-organisation') {
    return { facts: await releaseOrganisation(manager, subject.organisation ?? '', subject.leave_policy) };
  }
  return undefined;
}
