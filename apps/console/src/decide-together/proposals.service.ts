import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, MoreThan, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, Channel, Organisation, Proposal, Stop } from '#libs/persistence';
import { auditSubject, readSubject } from './proposal-subject.js';
import { hasLapsed, PROPOSAL_LIFE_MS, type ProposalFilter, type ProposalGiven } from './proposal.dto.js';
import type { ProposalRow } from '../plain.js';

const MOST_LISTED = 200;

/** Takes proposals of one operator and the confirmation of another. */
@Injectable()
export class ProposalsService {
  constructor(private readonly database: DataSource) {}

  /** @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT`, `TOC_ACCESS_NOT_FOUND` */
  async propose(principal: Principal, given: ProposalGiven): Promise<ProposalRow> {
    authorise(principal, 'proposal:create');
    const proposal: ProposalRow = {
      id: uuid(),
      action: given.action,
      subject: readSubject(given.action, given.subject),
      reason: given.reason,
      proposedBy: principal.personId,
      proposedAt: new Date(),
      confirmedBy: null,
      confirmedAt: null,
      doneAt: null,
      outcome: null,
    };
    return changeState(this.database, 'directory', async (manager) => {
      await requireSubject(manager, proposal);
      await manager.save(Proposal, proposal);
      return { result: proposal, audit: auditOf(principal, 'propose', proposal) };
    });
  }

  /** Newest first. */
  async list(principal: Principal, { open }: ProposalFilter): Promise<ProposalRow[]> {
    authorise(principal, 'proposal:list');
    const since = new Date(Date.now() - PROPOSAL_LIFE_MS);
    const where = open ? { confirmedAt: IsNull(), proposedAt: MoreThan(since) } : {};
    return this.database
      .getRepository(Proposal)
      .find({ where, order: { proposedAt: 'DESC', id: 'DESC' }, take: MOST_LISTED });
  }

  async read(principal: Principal, id: string): Promise<ProposalRow> {
    authorise(principal, 'proposal:list');
    return found(await this.database.getRepository(Proposal).findOneBy({ id }));
  }

  /**
   * Confirms as the second person. A stop, or the end of one, is in force with this transaction; the rest is carried
   * out by other services and repeated until they have done it.
   * @throws a rejection `TOC_ACCESS_SECOND_PERSON` for the proposer, `TOC_REQUEST_CONFLICT` when it is too late
   */
  async confirm(principal: Principal, id: string): Promise<ProposalRow> {
    return changeState(this.database, 'directory', async (manager) => {
      const before = await manager.findOne(Proposal, { where: { id }, lock: { mode: 'pessimistic_write' } });
      authorise(principal, 'proposal:confirm', { proposedBy: before?.proposedBy });
      const now = new Date();
      const proposal = found(before);
      if (proposal.confirmedAt) throw rejection('TOC_REQUEST_CONFLICT', 'The proposal is confirmed already.');
      if (hasLapsed(proposal, now)) throw rejection('TOC_REQUEST_CONFLICT', 'The proposal has lapsed; propose again.');
      const confirmed: ProposalRow = { ...proposal, confirmedBy: principal.personId, confirmedAt: now };
      if (await takeEffectHere(manager, confirmed, now)) {
        confirmed.doneAt = now;
        confirmed.outcome = { result: 'done' };
      }
      await manager.save(Proposal, confirmed);
      return { result: confirmed, audit: auditOf(principal, 'confirm', confirmed) };
    });
  }
}

function found(proposal: ProposalRow | null): ProposalRow {
  if (!proposal) throw rejection('TOC_ACCESS_NOT_FOUND', 'There is no such proposal.');
  return proposal;
}

function auditOf(
  principal: Principal,
  verb: 'propose' | 'confirm',
  { id, action, subject, reason, proposedBy }: ProposalRow,
) {
  return {
    actor: principal.personId,
    action: `${verb}-${action}`,
    subject: auditSubject(action, subject),
    reason,
    detail: { proposal: id, proposed_by: proposedBy },
  };
}

function conflict(sentence: string): never {
  throw rejection('TOC_REQUEST_CONFLICT', sentence);
}

/** Whether there is something to decide about; what other services keep is checked by them. */
async function requireSubject(manager: EntityManager, { action, subject }: ProposalRow): Promise<void> {
  if (action === 'stop' && subject.scope === 'agency') {
    if (!(await manager.existsBy(Organisation, { id: subject.id, kind: 'agency' })))
      conflict('There is no such agency.');
  }
  const channel = action === 'rebuild' ? subject.channel : subject.scope === 'channel' ? subject.id : undefined;
  if (channel !== undefined && !(await manager.existsBy(Channel, { id: channel })))
    conflict('There is no such channel.');
  if (action === 'lift-stop' && !(await manager.existsBy(Stop, { id: subject.stop, liftedAt: IsNull() }))) {
    conflict('There is no such stop in force.');
  }
}

/**
 * Stops and their end are rows that every service reads before it publishes.
 * @returns false for what another service has to do
 */
async function takeEffectHere(
  manager: EntityManager,
  { id, action, subject }: ProposalRow,
  now: Date,
): Promise<boolean> {
  if (action === 'stop') {
    const scope = subject.scope === 'agency' || subject.scope === 'channel' ? subject.scope : 'everything';
    await manager.insert(Stop, { id, scope, subject: subject.id ?? null, since: now, liftedAt: null });
    return true;
  }
  if (action === 'lift-stop') {
    const lifted = await manager.update(Stop, { id: subject.stop, liftedAt: IsNull() }, { liftedAt: now });
    if (lifted.affected !== 1) conflict('There is no such stop in force.');
    return true;
  }
  return false;
}
