import { Injectable } from '@nestjs/common';
import { DataSource, IsNull, MoreThan, type EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, Proposal, ProtectedList } from '#libs/persistence';
import { entriesWithout } from '../keep-protected-lists/narrowing.js';
import { auditSubject } from './proposal-subject.js';
import {
  hasLapsed,
  PROPOSAL_LIFE_MS,
  type ListChange,
  type ProposalFilter,
  type ProposalGiven,
} from './proposal.dto.js';
import { readProposed } from './proposed-subject.js';
import { takeEffect } from './take-effect.js';
import type { Plain, ProposalRow } from '../plain.js';

const MOST_LISTED = 200;

/** Takes proposals of one operator and the confirmation of another. */
@Injectable()
export class ProposalsService {
  constructor(private readonly database: DataSource) {}

  /** @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_CONFLICT`, `TOC_ACCESS_NOT_FOUND` */
  async propose(principal: Principal, given: ProposalGiven): Promise<ProposalRow> {
    return this.keep(principal, given, (manager) => readProposed(manager, given));
  }

  /** Keeps a proposal whose subject and content are read in the same transaction. @throws what `read` throws */
  async keep(
    principal: Principal,
    { action, reason }: Pick<ProposalRow, 'action' | 'reason'>,
    read: (manager: EntityManager) => Promise<Pick<ProposalRow, 'subject' | 'content'>>,
  ): Promise<ProposalRow> {
    authorise(principal, 'proposal:create');
    return changeState(this.database, 'directory', async (manager) => {
      const proposal: ProposalRow = {
        id: uuid(),
        action,
        ...(await read(manager)),
        reason,
        proposedBy: principal.personId,
        proposedAt: new Date(),
        confirmedBy: null,
        confirmedAt: null,
        doneAt: null,
        outcome: null,
      };
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

  /** What would change in a protected list; undefined when that is not what the proposal is about, or decided. */
  async listChange({ subject, content }: ProposalRow): Promise<Plain<ListChange> | undefined> {
    if (!content || !('entries' in content)) return undefined;
    const list = await this.database.getRepository(ProtectedList).findOneBy({ id: subject.list });
    const before = list?.entries ?? [];
    const { title, judges, entries } = content;
    return { title, judges, added: entriesWithout(entries, before), removed: entriesWithout(before, entries) };
  }

  /**
   * Confirms as the second person. What concerns the directory alone is in force with this transaction; the rest is
   * carried out by other services and repeated until they have done it.
   * @returns also the key that was issued, which nothing keeps
   * @throws a rejection `TOC_ACCESS_SECOND_PERSON` for the proposer, `TOC_REQUEST_CONFLICT` when it is too late
   */
  async confirm(principal: Principal, id: string): Promise<{ proposal: ProposalRow; key?: string }> {
    return changeState(this.database, 'directory', async (manager) => {
      const before = await manager.findOne(Proposal, { where: { id }, lock: { mode: 'pessimistic_write' } });
      authorise(principal, 'proposal:confirm', { proposedBy: before?.proposedBy });
      const now = new Date();
      const proposal = found(before);
      if (proposal.confirmedAt) throw rejection('TOC_REQUEST_CONFLICT', 'The proposal is confirmed already.');
      if (hasLapsed(proposal, now)) throw rejection('TOC_REQUEST_CONFLICT', 'The proposal has lapsed; propose again.');
      const effect = await takeEffect(manager, principal, proposal, now);
      const confirmed: ProposalRow = {
        ...proposal,
        confirmedBy: principal.personId,
        confirmedAt: now,
        ...(effect && { doneAt: now, outcome: { result: 'done', ...effect.facts }, content: null }),
      };
      await manager.save(Proposal, confirmed);
      const audit = auditOf(principal, 'confirm', confirmed, effect?.facts);
      return { result: { proposal: confirmed, key: effect?.key }, audit };
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
  facts: Record<string, unknown> = {},
) {
  return {
    actor: principal.personId,
    action: `${verb}-${action}`,
    subject: auditSubject(action, subject),
    reason,
    detail: { proposal: id, proposed_by: proposedBy, ...facts },
  };
}
