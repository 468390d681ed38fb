import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection, type RetractionReason, type SignalType } from '#libs/domain';
import { changeState, query } from '#libs/persistence';
import { showSignal, type ShownSignal } from '../hold-for-a-person/shown-signal.js';

const MOST_LISTED = 50;
const MOST_SIGNALS_SHOWN = 20;

interface CaseRow {
  id: string;
  agency_id: string;
  reason: RetractionReason;
  opened_at: Date;
  due_at: Date;
  state: 'open' | 'stood-by' | 'retracted';
}

/** A case as its agency sees it: never which agency took the signals back, nor more of why than the reason. */
export interface DoubtView {
  id: string;
  reason: RetractionReason;
  opened_at: string;
  due_at: string;
  /** Whether the clock has run out; the ceilings stay lowered, and the case can still be decided. */
  overdue: boolean;
  state: string;
  signals_total: number;
  /** The first of them. */
  signals: ShownSignal[];
  /** Advisories of the agency that assert them. */
  advisories: string[];
}

/** What a decision has the rows of a case become, see the loop that carries it out. */
type Decision = 'stood-by' | 'retracted';

/** What an agency asserts and another took back as an error: shown to the agency alone, and decided by it. */
export class Doubts {
  constructor(
    private readonly database: DataSource,
    private readonly wakeWorkers: () => void,
  ) {}

  /** Open cases of the person's agency, oldest first. */
  async list(principal: Principal): Promise<{ doubts: DoubtView[] }> {
    authorise(principal, 'doubt:list');
    const cases = await query<CaseRow>(
      this.database,
      `SELECT c.* FROM normaliser.doubt_case c
        WHERE c.agency_id = $1 AND c.state = 'open' AND EXISTS (SELECT FROM normaliser.doubt d WHERE d.case_id = c.id)
        ORDER BY c.opened_at, c.id LIMIT ${MOST_LISTED}`,
      [principal.organisationId],
    );
    const doubts: DoubtView[] = [];
    for (const one of cases) doubts.push(await this.view(this.database.manager, one));
    return { doubts };
  }

  /** The agency stands by what it said, as a second person: the ceilings come back. */
  standBy(principal: Principal, id: string, reason: string): Promise<DoubtView> {
    return this.decide(principal, id, 'stood-by', reason);
  }

  /** The agency takes it back too, for the same reason. */
  retract(principal: Principal, id: string, reason: string): Promise<DoubtView> {
    return this.decide(principal, id, 'retracted', reason);
  }

  private async decide(principal: Principal, id: string, decision: Decision, reason: string): Promise<DoubtView> {
    const view = await changeState(this.database, 'normaliser', async (manager) => {
      const [found] = await manager.query<CaseRow[]>('SELECT * FROM normaliser.doubt_case WHERE id = $1 FOR UPDATE', [
        id,
      ]);
      if (found?.agency_id !== principal.organisationId) {
        throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such case');
      }
      authorise(principal, decision === 'stood-by' ? 'doubt:stand-by' : 'doubt:retract', {
        organisationId: found.agency_id,
        completedBy: decision === 'stood-by' ? await this.submitters(manager, found) : [],
      });
      if (found.state !== 'open') throw rejection('TOC_REQUEST_CONFLICT', `the case is ${found.state} already`);
      await manager.query(
        `UPDATE normaliser.doubt_case SET state = $2, decided_by = $3, decided_at = now(), decision_reason = $4 WHERE id = $1`,
        [id, decision, principal.personId, reason],
      );
      const shown = await this.view(manager, { ...found, state: decision });
      const audit = {
        actor: principal.personId,
        action: decision === 'stood-by' ? 'stand-by-doubted' : 'retract-doubted',
        subject: `doubt/${id}`,
        reason,
        detail: { retracted_as: found.reason, signals: shown.signals_total },
      };
      return { result: shown, audit };
    });
    this.wakeWorkers();
    return view;
  }

  /** Everybody by whose submission the agency says something about the rows of the case. */
  private async submitters(manager: EntityManager, { id, agency_id }: CaseRow): Promise<string[]> {
    const rows = await manager.query<{ person: string }[]>(
      `SELECT DISTINCT unnest(j.completed_by || j.person_id) AS person
         FROM normaliser.job j
        WHERE j.submission_id IN (
                SELECT r.submission_id FROM normaliser.doubt d
                  JOIN normaliser.assertion a ON a.row_id = d.row_id
                  JOIN normaliser.advisory v ON v.id = a.advisory_id AND v.agency_id = $2
                  JOIN normaliser.advisory_reading r ON r.advisory_id = a.advisory_id AND r.revision = a.revision
                 WHERE d.case_id = $1)`,
      [id, agency_id],
    );
    return rows.map(({ person }) => person);
  }

  private async view(manager: EntityManager, row: CaseRow): Promise<DoubtView> {
    const [total] = await manager.query<{ signals: number }[]>(
      'SELECT count(*)::integer AS signals FROM normaliser.doubt WHERE case_id = $1',
      [row.id],
    );
    const signals = await manager.query<{ type: SignalType; value: string; abuse: boolean }[]>(
      `SELECT g.type, g.value,
              EXISTS (SELECT FROM normaliser.assertion a JOIN normaliser.statement s ON s.id = a.statement_id,
                             jsonb_array_elements_text(s.body->'statement'->'harms') AS h(harm)
                       WHERE a.row_id = d.row_id AND (h.harm = 'csea' OR h.harm LIKE 'csea/%')) AS abuse
         FROM (SELECT row_id FROM normaliser.doubt WHERE case_id = $1 ORDER BY row_id LIMIT ${MOST_SIGNALS_SHOWN}) AS d
         JOIN normaliser.signal g ON g.id = d.row_id WHERE g.value IS NOT NULL ORDER BY d.row_id`,
      [row.id],
    );
    const advisories = await manager.query<{ id: string }[]>(
      `SELECT DISTINCT v.id
         FROM (SELECT row_id FROM normaliser.doubt WHERE case_id = $1 ORDER BY row_id LIMIT ${MOST_SIGNALS_SHOWN}) AS d
         JOIN normaliser.assertion a USING (row_id) JOIN normaliser.advisory v ON v.id = a.advisory_id
        WHERE v.agency_id = $2 ORDER BY v.id`,
      [row.id, row.agency_id],
    );
    return {
      id: row.id,
      reason: row.reason,
      opened_at: row.opened_at.toISOString(),
      due_at: row.due_at.toISOString(),
      overdue: row.due_at.getTime() < Date.now(),
      state: row.state,
      signals_total: total?.signals ?? 0,
      signals: signals.map(({ type, value, abuse }) => showSignal({ type, value }, abuse)),
      advisories: advisories.map(({ id }) => id),
    };
  }
}
