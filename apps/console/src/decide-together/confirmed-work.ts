import { IsNull, Not, type DataSource } from 'typeorm';
import type { Principal } from '#libs/access';
import { familyOf, TocsinError } from '#libs/domain';
import { changeState, Organisation, Person, Proposal } from '#libs/persistence';
import { BackgroundLoop, crashPoint, type Logger, type NextStep, type Telemetry } from '#libs/runtime';
import type { Peers } from '../peers.js';
import { auditSubject } from './proposal-subject.js';
import type { ProposalRow } from '../plain.js';

const IDLE_MS = 30_000;

/**
 * Has other services do what two operators decided, in the name of the one who confirmed, and keeps the outcome. A
 * service that does not answer, or fails, is asked again; one that refuses has given its answer. The proposal's id goes
 * along, by which a repeat is known as one.
 */
export class ConfirmedWork {
  private readonly loop: BackgroundLoop;

  constructor(
    private readonly database: DataSource,
    private readonly peers: Peers,
    private readonly parts: { logger: Logger; telemetry: Telemetry },
  ) {
    this.loop = new BackgroundLoop('carry-out-proposals', () => this.carryOutAll(), parts);
  }

  start(): void {
    this.loop.start();
  }

  wake(): void {
    this.loop.wake();
  }

  async stop(): Promise<void> {
    await this.loop.stop();
  }

  /** One proposal that cannot be carried out now keeps no other waiting. */
  private async carryOutAll(): Promise<NextStep> {
    const waiting = await this.database
      .getRepository(Proposal)
      .find({ where: { confirmedAt: Not(IsNull()), doneAt: IsNull() }, order: { confirmedAt: 'ASC' } });
    const failures: unknown[] = [];
    for (const proposal of waiting) await this.carryOut(proposal).catch((thrown: unknown) => failures.push(thrown));
    if (failures.length > 0) throw failures.find((thrown) => familyOf(thrown) === 'fault') ?? failures[0];
    return IDLE_MS;
  }

  private async carryOut(proposal: ProposalRow): Promise<void> {
    crashPoint('before-carrying-out');
    const outcome = await this.ask(proposal);
    crashPoint('after-carrying-out-before-outcome');
    await changeState(this.database, 'directory', async (manager) => {
      const present: ProposalRow | null = await manager.findOne(Proposal, {
        where: { id: proposal.id },
        lock: { mode: 'pessimistic_write' },
      });
      // Another process may have been faster.
      if (!present || present.doneAt) return { result: undefined, audit: undefined };
      await manager.save(Proposal, { ...present, doneAt: new Date(), outcome });
      const audit = {
        actor: 'service:console',
        action: `carry-out-${proposal.action}`,
        subject: auditSubject(proposal.action, proposal.subject),
        reason: proposal.reason,
        detail: { proposal: proposal.id, result: outcome.result },
      };
      return { result: undefined, audit };
    });
    this.parts.logger.info(
      { proposal_id: proposal.id, action: proposal.action, result: outcome.result },
      'proposal-carried-out',
    );
  }

  private async ask(proposal: ProposalRow): Promise<{ result: 'done' | 'refused'; [fact: string]: unknown }> {
    const { action, subject, id, reason, proposedBy, confirmedBy } = proposal;
    const principal = await this.principalOf(proposal);
    const decision = { proposal_id: id, proposed_by: proposedBy, confirmed_by: confirmedBy, reason };
    const { intake, normaliser, platformApi } = this.peers;
    try {
      if (action === 'purge') {
        await intake.request('POST', `/internal/submissions/${subject.submission}/purge`, {
          principal,
          json: decision,
        });
        // The normaliser keeps words of it too: parameters, held items, dead letters.
        await normaliser.request('POST', `/internal/submissions/${subject.submission}/purge`, {
          principal,
          json: decision,
        });
        return { result: 'done' };
      }
      if (action === 'rebuild') {
        await normaliser.request('POST', '/internal/rebuilds', {
          principal,
          json: { channel: subject.channel, ...decision },
        });
        return { result: 'done' };
      }
      if (action === 'undo-submitter') {
        const undone: unknown = await normaliser.request('POST', '/internal/undoings', {
          principal,
          json: { selection: subject, ...decision },
        });
        return { result: 'done', ...countIn(undone) };
      }
      if (action === 'close-duty') {
        const { platform, statement, says } = subject;
        const json = { platform, statement, says, ...decision };
        const closed: unknown = await platformApi.request('POST', '/internal/closing-statements', { principal, json });
        return { result: 'done', ...dutiesIn(closed) };
      }
      const json = { ...decision, retraction: { reason: subject.reason } };
      const answer: unknown = await intake.request('POST', `/internal/advisories/${subject.advisory}/retractions`, {
        principal,
        json,
      });
      return { result: 'done', ...submissionIn(answer) };
    } catch (thrown) {
      if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
      return { result: 'refused', code: thrown.code, detail: thrown.detail };
    }
  }

  /** The person who confirmed, as the other services know people. */
  private async principalOf({ id, confirmedBy }: ProposalRow): Promise<Principal> {
    const person = await this.database.getRepository(Person).findOneByOrFail({ id: confirmedBy ?? '' });
    const organisation = await this.database.getRepository(Organisation).findOneByOrFail({ id: person.organisationId });
    return {
      personId: person.id,
      organisationId: organisation.id,
      organisationKind: organisation.kind,
      organisationName: organisation.name,
      country: organisation.country,
      roles: person.roles,
      keyId: `proposal/${id}`,
    };
  }
}

function submissionIn(answer: unknown): { submission_id?: string } {
  if (typeof answer !== 'object' || answer === null || !('submission_id' in answer)) return {};
  return typeof answer.submission_id === 'string' ? { submission_id: answer.submission_id } : {};
}

function countIn(answer: unknown): { submissions?: number } {
  if (typeof answer !== 'object' || answer === null || !('submissions' in answer)) return {};
  return typeof answer.submissions === 'number' ? { submissions: answer.submissions } : {};
}

function dutiesIn(answer: unknown): { duties?: number } {
  if (typeof answer !== 'object' || answer === null || !('duties' in answer)) return {};
  return typeof answer.duties === 'number' ? { duties: answer.duties } : {};
}
