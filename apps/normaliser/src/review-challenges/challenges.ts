import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { isCsea, rejection, type ChallengeReason, type RowIds, type SignalType } from '#libs/domain';
import { changeState, query } from '#libs/persistence';
import { showSignal, type ShownSignal } from '../hold-for-a-person/shown-signal.js';
import type { DirectoryReader } from '../read-directory/directory-snapshot.js';
import { lockSubjects } from '../settle-disputes/derive-rows.js';
import { ONCE_ASSERTING, SAID_COLUMNS, saidOfRow } from '../settle-disputes/dispute-view.js';
import { checkSentence } from '../settle-disputes/decision-sentence.js';
import { openDisputes } from '../settle-disputes/open-disputes.js';
import { openChallenges, type ChallengeGiven } from './open-challenges.js';

/** What a reviewer finds: that it is worth a dispute, or not. */
export type ChallengeDecision = 'upheld' | 'dismissed';

interface ChallengeRow {
  id: string;
  row_id: string;
  reason: ChallengeReason;
  role: string;
  said: string | null;
  state: 'open' | ChallengeDecision;
  opened_at: Date;
  due_at: Date;
  /** Agencies that assert the row, or ever did: to one of these its being open would say that another does (I17). */
  asserted_by: string[];
  releasable: boolean;
  harms: string[];
  contexts: string[];
  signal: { type: SignalType; value: string } | null;
}

/** A challenge as a reviewer sees it; who challenged is not known to anybody. */
export interface ChallengeView {
  id: string;
  row_id: string;
  reason: string;
  role: string;
  said?: string;
  state: string;
  harms: string[];
  contexts: string[];
  signal?: ShownSignal;
  opened_at: string;
  due_at: string;
  overdue: boolean;
}

const MOST_LISTED = 200;

const challengeColumns = (country: string): string => `
  d.id, d.row_id, d.reason, d.role, d.said, d.state, d.opened_at, d.due_at,
  d.owners || x.asserting
    || ${ONCE_ASSERTING} AS asserted_by, ${SAID_COLUMNS} FROM normaliser.challenge d ${saidOfRow(country)}`;

function mayReview(principal: Principal, { asserted_by, releasable }: ChallengeRow): boolean {
  if (principal.organisationKind !== 'agency') return true;
  return releasable && principal.roles.includes('approver') && !asserted_by.includes(principal.organisationId);
}

function viewChallenge(row: ChallengeRow): ChallengeView {
  return {
    ...{ id: row.id, row_id: row.row_id, reason: row.reason, role: row.role, state: row.state },
    ...(row.said !== null && { said: row.said }),
    ...{ harms: row.harms, contexts: row.contexts },
    ...(row.signal && { signal: showSignal(row.signal, isCsea(row.harms)) }),
    opened_at: row.opened_at.toISOString(),
    due_at: row.due_at.toISOString(),
    overdue: row.state === 'open' && row.due_at.getTime() <= Date.now(),
  };
}

/**
 * What people without an account say is wrong. It bears on nothing until somebody has looked who does not assert the row;
 * what is worth it becomes a dispute like any other.
 */
export class Challenges {
  constructor(
    private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
    private readonly rowIds: RowIds,
  ) {}

  /** Takes what came to the public desk. What of it is listed is told to nobody, not even to who asks. */
  async receive(given: readonly ChallengeGiven[]): Promise<void> {
    await changeState(this.database, 'normaliser', async (manager) => {
      const opened = await openChallenges(manager, this.rowIds, given);
      if (opened === 0) return { result: undefined, audit: undefined };
      const audit = {
        actor: 'service:normaliser',
        action: 'open-challenges',
        subject: 'challenges',
        detail: { challenges: opened },
      };
      return { result: undefined, audit };
    });
  }

  /** Open ones that this person may review, in the order in which their time runs out. */
  async list(principal: Principal, after?: string): Promise<{ challenges: ChallengeView[]; more: boolean }> {
    authorise(principal, 'dispute:list');
    const rows = await query<ChallengeRow>(
      this.database,
      `SELECT * FROM (
         SELECT ${challengeColumns('$1')}
          WHERE d.state = 'open'
            AND ($2::uuid IS NULL OR (d.due_at, d.id) > (SELECT due_at, id FROM normaliser.challenge WHERE id = $2))
       ) t
        WHERE NOT $3 OR ($5 AND releasable AND $4 <> ALL (asserted_by))
        ORDER BY due_at, id LIMIT ${MOST_LISTED + 1}`,
      [
        ...[principal.country, after ?? null, principal.organisationKind === 'agency', principal.organisationId],
        principal.roles.includes('approver'),
      ],
    );
    return { challenges: rows.slice(0, MOST_LISTED).map(viewChallenge), more: rows.length > MOST_LISTED };
  }

  /**
   * Decides. Upheld, it is a dispute that lowers the row at once, with a clock of its own.
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_REQUEST_CONFLICT` when it is decided
   */
  async decide(
    principal: Principal,
    id: string,
    decision: ChallengeDecision,
    sentence: string,
  ): Promise<ChallengeView> {
    checkSentence(sentence, principal);
    const directory = await this.directoryReader.read();
    return changeState(this.database, 'normaliser', async (manager) => {
      const challenge = await this.load(manager, principal, id);
      const now = new Date();
      await manager.query(
        'UPDATE normaliser.challenge SET state = $2, decided_by = $3, decided_at = $4, sentence = $5 WHERE id = $1',
        [id, decision, principal.personId, now, sentence],
      );
      const { row_id: rowId, reason } = challenge;
      const raised = { feedbackId: id, platformId: null, receivedAt: now, rowId, reason };
      const { rows } = decision === 'upheld' ? await openDisputes(manager, directory, [raised], now) : { rows: 0 };
      const audit = {
        actor: principal.personId,
        action: decision === 'upheld' ? 'uphold-challenge' : 'dismiss-challenge',
        subject: `challenge/${id}`,
        reason: sentence,
        detail: { row: rowId, challenged_as: reason, rows },
      };
      return { result: viewChallenge({ ...challenge, state: decision }), audit };
    });
  }

  /** The challenge, with the subject of its row locked first, as a dispute is. */
  private async load(manager: EntityManager, principal: Principal, id: string): Promise<ChallengeRow> {
    const noSuchChallenge = (): Error => rejection('TOC_ACCESS_NOT_FOUND', 'there is no such challenge');
    authorise(principal, 'dispute:list');
    const [where] = await manager.query<{ row_id: string }[]>('SELECT row_id FROM normaliser.challenge WHERE id = $1', [
      id,
    ]);
    if (!where) throw noSuchChallenge();
    await lockSubjects(manager, [where.row_id]);
    const [challenge] = await manager.query<ChallengeRow[]>(
      `SELECT ${challengeColumns('$2')} WHERE d.id = $1 FOR UPDATE OF d`,
      [id, principal.country],
    );
    if (!challenge || !mayReview(principal, challenge)) throw noSuchChallenge();
    authorise(principal, 'dispute:decide', { assertedBy: challenge.asserted_by, ofPublicInterest: true });
    if (challenge.state !== 'open')
      throw rejection('TOC_REQUEST_CONFLICT', `the challenge is ${challenge.state} already`);
    return challenge;
  }
}
