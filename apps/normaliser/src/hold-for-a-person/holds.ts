import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { HOLD_REASONS, rejection, type ItemCounts } from '#libs/domain';
import { readSubmissionParameters, type SubmissionParameters } from '#libs/events';
import { changeState, query, withoutAudit } from '#libs/persistence';
import type { OpenDocuments } from '../assert-documents/open-documents.js';
import { ChunkAsserter } from '../assert-documents/assert-chunk.js';
import { isAskedOf, mayKnow, viewHold, type HoldRow, type HoldView } from './hold-view.js';
import type { JobParameters } from '../read-documents/job-parameters.js';
import { readJob } from '../work-through-jobs/job-store.js';

/** Parameters of a submission, as they were in one reading. */
interface SaidBeside {
  pass: number;
  parameters: SubmissionParameters;
}

const MOST_LISTED = 200;

/** Holds: shown to those who may decide, let go or refused by a second person, never by the submitter. */
export class Holds {
  constructor(
    private readonly database: DataSource,
    private readonly documents: OpenDocuments,
    private readonly parameters: JobParameters,
    private readonly wakeWorkers: () => void,
  ) {}

  /** Open holds that this person may see, oldest first. */
  async list(principal: Principal, after?: string): Promise<{ holds: HoldView[]; more: boolean }> {
    authorise(principal, 'hold:list');
    const own = principal.organisationKind === 'agency';
    const rows = await query<HoldRow>(
      this.database,
      `SELECT * FROM normaliser.hold
        WHERE state = 'open'
          AND (NOT $1 OR agency_id = $2 OR asked->'of' ? $2::text
               OR ($4 AND reason = 'protected-list' AND (detail->>'releasable_to' = 'all' OR detail->'releasable_to' ? $5)))
          AND ($3::uuid IS NULL OR (opened_at, id) > (SELECT opened_at, id FROM normaliser.hold WHERE id = $3))
        ORDER BY opened_at, id LIMIT ${MOST_LISTED + 1}`,
      [own, principal.organisationId, after ?? null, principal.roles.includes('approver'), principal.country],
    );
    return {
      holds: rows.slice(0, MOST_LISTED).map((row) => viewHold(row, principal)),
      more: rows.length > MOST_LISTED,
    };
  }

  release(principal: Principal, id: string, reason: string): Promise<HoldView> {
    return this.decide(principal, id, 'released', reason);
  }

  refuse(principal: Principal, id: string, reason: string): Promise<HoldView> {
    return this.decide(principal, id, 'refused', reason);
  }

  private async decide(
    principal: Principal,
    id: string,
    decision: 'released' | 'refused',
    reason: string,
  ): Promise<HoldView> {
    if (reason.trim().length === 0)
      throw rejection('TOC_REQUEST_PARAMETER', 'a decision about a hold asks for a reason');
    const said = decision === 'released' ? await this.saidBeside(id) : undefined;
    const result = await changeState(this.database, 'normaliser', async (manager) => {
      const hold = await this.load(manager, principal, id, decision);
      const audit = {
        actor: principal.personId,
        action: decision === 'released' ? 'release-hold' : 'refuse-hold',
        subject: `submission/${hold.submission_id}`,
        reason,
        detail: { hold: id, held_because: hold.reason, rule: hold.rule, rule_version: hold.rule_version },
      };
      const others = decision === 'released' ? othersAskedWith(principal, hold) : [];
      if (others.length > 0) {
        await manager.query(`UPDATE normaliser.hold SET asked = jsonb_set(asked, '{of}', $2) WHERE id = $1`, [
          id,
          JSON.stringify(others),
        ]);
        return { result: viewHold(hold, principal), audit };
      }
      await manager.query(
        `UPDATE normaliser.hold SET state = $2, decided_by = $3, decided_at = now(), decision_reason = $4, candidate = NULL
          WHERE id = $1`,
        [id, decision, principal.personId, reason],
      );
      if (hold.scope === 'item') await this.endItem(manager, hold, said);
      else await this.endWhole(manager, hold, decision);
      const decided: HoldRow = { ...hold, state: decision, decided_at: new Date(), decision_reason: reason };
      return { result: viewHold(decided, principal), audit };
    });
    this.wakeWorkers();
    return result;
  }

  private async load(
    manager: EntityManager,
    principal: Principal,
    id: string,
    decision: 'released' | 'refused',
  ): Promise<HoldRow> {
    const hold = await this.lockHold(manager, id);
    if (!hold) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such hold');
    if (!mayKnow(principal, hold)) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such hold');
    authorise(principal, decision === 'released' ? 'hold:release' : 'hold:refuse', {
      organisationId: hold.agency_id,
      submittedBy: hold.submitted_by,
      completedBy: hold.completed_by,
      reason: hold.reason,
      askedOf: hold.asked?.of,
    });
    if (hold.state !== 'open') throw rejection('TOC_REQUEST_CONFLICT', `the hold is ${hold.state} already`);
    const isAsked = isAskedOf(hold.asked, principal);
    if (decision === 'released' && !isAsked && !HOLD_REASONS[hold.reason].releasable) {
      throw rejection('TOC_REQUEST_CONFLICT', 'this hold ends by completing the submission, not by a release', {
        reason: hold.reason,
      });
    }
    return hold;
  }

  /** Lets an item go whose time has run out. @throws a rejection when it was decided meanwhile, or is being read again */
  async releaseDue(id: string): Promise<void> {
    const said = await this.saidBeside(id);
    await changeState(this.database, 'normaliser', async (manager) => {
      const hold = await this.lockHold(manager, id);
      if (hold?.state !== 'open' || !hold.due_at || hold.due_at.getTime() > Date.now())
        throw rejection('TOC_REQUEST_CONFLICT', 'the hold is not due');
      const reason = 'nobody refused it in time';
      await manager.query(
        `UPDATE normaliser.hold SET state = 'released', decided_at = now(), decision_reason = $2, candidate = NULL WHERE id = $1`,
        [id, reason],
      );
      await this.endItem(manager, hold, said);
      const audit = {
        actor: 'service:normaliser',
        action: 'release-hold',
        subject: `submission/${hold.submission_id}`,
        reason,
        detail: { hold: id, held_because: hold.reason, rule: hold.rule, rule_version: hold.rule_version },
      };
      return { result: undefined, audit };
    });
    this.wakeWorkers();
  }

  /** The hold, locked after its job, in the order in which workers take them. */
  private async lockHold(manager: EntityManager, id: string): Promise<HoldRow | undefined> {
    const [where] = await manager.query<{ submission_id: string }[]>(
      'SELECT submission_id FROM normaliser.hold WHERE id = $1',
      [id],
    );
    if (where)
      await manager.query('SELECT 1 FROM normaliser.job WHERE submission_id = $1 FOR UPDATE', [where.submission_id]);
    const [hold] = await manager.query<HoldRow[]>('SELECT * FROM normaliser.hold WHERE id = $1 FOR UPDATE', [id]);
    return hold;
  }

  /** What stands beside the document of a held item, asked for before anything is locked. */
  private async saidBeside(holdId: string): Promise<SaidBeside | undefined> {
    const job = await withoutAudit(this.database, async (manager) => {
      const [hold] = await manager.query<{ submission_id: string }[]>(
        `SELECT submission_id FROM normaliser.hold WHERE id = $1 AND scope = 'item' AND state = 'open'`,
        [holdId],
      );
      return hold && readJob(manager, hold.submission_id);
    });
    return job && { pass: job.pass, parameters: readSubmissionParameters(await this.parameters.of(job)) };
  }

  /**
   * A released item is asserted at once; a refused one is counted as rejected.
   * @param said absent for a refusal
   */
  private async endItem(manager: EntityManager, hold: HoldRow, said: SaidBeside | undefined): Promise<void> {
    const job = await readJob(manager, hold.submission_id);
    if (!job || !hold.candidate || job.state === 'refused' || job.state === 'failed') {
      throw rejection('TOC_REQUEST_CONFLICT', 'the submission of the hold has ended');
    }
    if ((job.pass > 1 && job.state !== 'held') || (said && said.pass !== job.pass)) {
      throw rejection('TOC_REQUEST_CONFLICT', 'the submission is being read again: decide when it rests');
    }
    const counts: ItemCounts = { ...job.counts, held: job.counts.held - 1 };
    let { signals } = job;
    if (said) {
      const decider = await this.documents.decider(job, said.parameters);
      const declared = new Map(hold.candidate.declared.map((advisory) => [advisory.ref, advisory]));
      const asserter = new ChunkAsserter(manager, { job, decider, declared, now: new Date(), afterRelease: true });
      const tally = await asserter.assert([hold.candidate.candidate]);
      await asserter.finish();
      for (const end of ['asserted', 'repeated', 'rejected', 'held'] as const) counts[end] += tally.counts[end];
      signals += tally.signals;
    } else counts.rejected += 1;
    await manager.query(
      `UPDATE normaliser.job SET counts = $2, signals = $3,
              state = CASE WHEN state = 'held' AND NOT EXISTS (SELECT FROM normaliser.hold WHERE submission_id = $1 AND state = 'open')
                      THEN 'settled' ELSE state END,
              settled_at = CASE WHEN state = 'held' AND NOT EXISTS (SELECT FROM normaliser.hold WHERE submission_id = $1 AND state = 'open')
                      THEN now() ELSE settled_at END,
              completion = CASE WHEN state = 'held' AND NOT EXISTS (SELECT FROM normaliser.hold WHERE submission_id = $1 AND state = 'open')
                      THEN NULL ELSE completion END
        WHERE submission_id = $1`,
      [hold.submission_id, JSON.stringify(counts), signals],
    );
  }

  /** A released submission is read again with the release in force; a refused one ends. */
  private async endWhole(manager: EntityManager, hold: HoldRow, decision: 'released' | 'refused'): Promise<void> {
    if (decision === 'released') {
      await readAgain(manager, hold.submission_id, 'submission', 'released = array_append(released, $2)', [
        hold.reason,
      ]);
      return;
    }
    await manager.query(
      `UPDATE normaliser.hold SET state = 'refused', decided_by = $2, decided_at = now(), candidate = NULL WHERE submission_id = $1 AND state = 'open'`,
      [hold.submission_id, hold.decided_by],
    );
    await manager.query(
      // What was asserted already is taken back; the submission is refused when that is done. A worker with a chunk of it
      // under way compares the count of chunks, and gives up.
      `UPDATE normaliser.job SET state = 'working', checkpoint = '{"at":"take-back"}', problem = $2, bytes_left = 0, attempts = 0,
              chunks = chunks + 1, next_try_at = now(), settled_at = NULL
        WHERE submission_id = $1 AND state IN ('held', 'working', 'accepted', 'failed')`,
      [
        hold.submission_id,
        JSON.stringify({ code: 'TOC_ITEM_REFUSED', detail: 'a person decided against this submission' }),
      ],
    );
  }
}

/** Who else has to let an item go, besides the agency of this person: each of those that wanted to be asked first. */
function othersAskedWith(principal: Principal, { asked }: HoldRow): string[] {
  return isAskedOf(asked, principal) ? (asked?.of ?? []).filter((agency) => agency !== principal.organisationId) : [];
}

/**
 * Sends the document of a held submission through the whole normalisation once more.
 * @throws a rejection `TOC_REQUEST_CONFLICT` when it has ended, or is being taken back
 * @param ends `every` hold when the words change: what was let go was let go for the words as they were
 */
export async function readAgain(
  manager: EntityManager,
  submissionId: string,
  ends: 'submission' | 'every',
  alsoSet: string,
  values: unknown[] = [],
): Promise<void> {
  await manager.query(
    `UPDATE normaliser.hold SET state = 'completed', candidate = NULL
      WHERE submission_id = $1 AND state IN ('open', 'released') AND (scope = 'submission' OR $2)`,
    [submissionId, ends === 'every'],
  );
  // Items that were set aside are tried again with the others.
  await manager.query(
    'UPDATE normaliser.dead_letter SET replayed_at = now() WHERE source = $1 AND replayed_at IS NULL',
    [`submission/${submissionId}`],
  );
  const [, read] = await manager.query<[unknown[], number]>(
    `UPDATE normaliser.job
        SET state = 'accepted', pass = pass + 1, chunks = 0, checkpoint = NULL, bytes_left = bytes, problem = NULL, attempts = 0,
            next_try_at = now(), settled_at = NULL, signals = 0,
            counts = '{"read":0,"asserted":0,"repeated":0,"held":0,"rejected":0,"ignored":0,"dead_lettered":0}', ${alsoSet}
      WHERE submission_id = $1 AND state IN ('held', 'working') AND coalesce(checkpoint->>'at', '') <> 'take-back'`,
    [submissionId, ...values],
  );
  if (read === 0) throw rejection('TOC_REQUEST_CONFLICT', 'the submission has ended, or is being taken back');
}
