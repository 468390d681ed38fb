import { IsNull, type EntityManager } from 'typeorm';
import { rejection } from '#libs/domain';
import { Channel, Organisation, Person, ProtectedList, Stop } from '#libs/persistence';
import { readProtectedList } from '#libs/safeguards';
import { releasableAs } from '../admit-organisations/release-organisation.js';
import { requireStandingChange, requireSuspended } from '../admit-organisations/standing.js';
import { entriesWithout } from '../keep-protected-lists/narrowing.js';
import type { ProposalGiven } from './proposal.dto.js';
import { readSubject } from './proposal-subject.js';
import type { ProposalRow } from '../plain.js';

function conflict(sentence: string): never {
  throw rejection('TOC_REQUEST_CONFLICT', sentence);
}

/**
 * Reads what an operator proposes and looks whether there is something to decide about; what other services keep is
 * checked by them.
 * @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT`, `TOC_ACCESS_FORBIDDEN`
 */
export async function readProposed(
  manager: EntityManager,
  { action, subject: given, content }: ProposalGiven,
): Promise<Pick<ProposalRow, 'subject' | 'content'>> {
  const subject = readSubject(action, given);
  if (action === 'replace-protected-list') return readProposedList(manager, subject, content);
  if (action === 'admit')
    throw rejection('TOC_REQUEST_PARAMETER', 'An admission is proposed at /v1/organisations/{id}/admission.');
  if (action === 'change-standing') await requireStandingChange(manager, subject);
  if (action === 'reinstate') await requireSuspended(manager, subject);
  if (content !== undefined) throw rejection('TOC_REQUEST_PARAMETER', 'content goes with replace-protected-list only.');
  if (action === 'issue-key' || action === 'grant-role') await requirePerson(manager, subject.person);
  if (action === 'stop' && subject.scope === 'agency') {
    if (!(await manager.existsBy(Organisation, { id: subject.id, kind: 'agency' })))
      conflict('There is no such agency.');
  }
  const namesAgency = action === 'permit-list' || action === 'undo-submitter';
  if (namesAgency && !(await manager.existsBy(Organisation, { id: subject.agency, kind: 'agency' })))
    conflict('There is no such agency.');
  if (action === 'release-organisation') await requireReleasable(manager, subject);
  if (action === 'close-channel' && !(await manager.existsBy(Channel, { id: subject.channel, state: 'open' })))
    conflict('There is no such open channel.');
  const channel = action === 'rebuild' ? subject.channel : subject.scope === 'channel' ? subject.id : undefined;
  if (channel !== undefined && !(await manager.existsBy(Channel, { id: channel })))
    conflict('There is no such channel.');
  if (action === 'lift-stop' && !(await manager.existsBy(Stop, { id: subject.stop, liftedAt: IsNull() }))) {
    conflict('There is no such stop in force.');
  }
  return { subject, content: null };
}

/** The subject says against which version it was proposed and how much changes, since that is what is confirmed. */
async function readProposedList(
  manager: EntityManager,
  { list: id = '', judges }: Record<string, string>,
  given: unknown,
): Promise<Pick<ProposalRow, 'subject' | 'content'>> {
  const content = readProtectedList(given, judges);
  const before = await manager.findOneBy(ProtectedList, { id });
  const entries = before?.entries ?? [];
  const subject = {
    list: id,
    judges: content.judges,
    replaces_version: String(before?.version ?? 0),
    added: String(entriesWithout(content.entries, entries).length),
    removed: String(entriesWithout(entries, content.entries).length),
  };
  return { subject, content };
}

async function requireReleasable(
  manager: EntityManager,
  { organisation: id = '', leave_policy: policy }: Record<string, string>,
): Promise<void> {
  const organisation = await manager.findOneBy(Organisation, { id });
  if (!organisation) conflict('There is no such organisation.');
  releasableAs(organisation, policy);
}

async function requirePerson(manager: EntityManager, id: string | undefined): Promise<void> {
  const person = await manager.findOneBy(Person, { id });
  if (person?.state !== 'active') conflict('There is no such person, or the person has left.');
  const { kind, state } = await manager.findOneByOrFail(Organisation, { id: person.organisationId });
  if (kind === 'operator') {
    throw rejection('TOC_ACCESS_FORBIDDEN', 'Operators are admitted on the host, not here.');
  }
  if (state === 'left') conflict('The organisation has left.');
}
