import type { DataSource, EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, query } from '#libs/persistence';
import type { DirectoryReader } from '../read-directory/directory-snapshot.js';
import { checkSentence } from './decision-sentence.js';
import { deriveAfter, lockSubjects } from './derive-rows.js';
import { disputeColumns, mayKnowDispute, viewDispute, type DisputeRow, type DisputeView } from './dispute-view.js';

/** What is decided: the platforms are right and the ceiling stays lowered, or it goes back. */
export type DisputeDecision = 'upheld' | 'dismissed';

/** How a dispute stands, for the platform that raised it. */
export interface DisputeOutcome {
  /** `received`: no case yet. */
  state: 'received' | 'open' | DisputeDecision;
  due_at?: string;
  decided_at?: string;
  /** Written for the platform by who decided. */
  sentence?: string;
}

const MOST_LISTED = 200;

/** Disputes: shown to those who may know, decided by somebody who does not assert the row. */
export class Disputes {
  constructor(
    private readonly database: DataSource,
    private readonly directoryReader: DirectoryReader,
  ) {}

  /** Open ones that this person may see, in the order in which their time runs out. */
  async list(principal: Principal, after?: string): Promise<{ disputes: DisputeView[]; more: boolean }> {
    authorise(principal, 'dispute:list');
    const rows = await query<DisputeRow>(
      this.database,
      `SELECT * FROM (
         SELECT ${disputeColumns('$1')}
          WHERE d.state = 'open'
            AND ($2::uuid IS NULL OR (d.due_at, d.id) > (SELECT due_at, id FROM normaliser.dispute WHERE id = $2))
       ) t
        WHERE NOT $3 OR $4 = ANY (asserted_by) OR ($5 AND releasable AND NOT $4 = ANY (once_asserted_by))
        ORDER BY due_at, id LIMIT ${MOST_LISTED + 1}`,
      [
        ...[principal.country, after ?? null, principal.organisationKind === 'agency', principal.organisationId],
        principal.roles.includes('approver'),
      ],
    );
    return {
      disputes: rows.slice(0, MOST_LISTED).map((row) => viewDispute(row, principal)),
      more: rows.length > MOST_LISTED,
    };
  }

  /**
   * Decides, and derives the rows of the dispute anew.
   * @param sentence for the platforms that raised it
   * @throws rejections `TOC_ACCESS_NOT_FOUND`, `TOC_ACCESS_SECOND_PERSON`, `TOC_REQUEST_CONFLICT` when it is decided
   */
  async decide(principal: Principal, id: string, decision: DisputeDecision, sentence: string): Promise<DisputeView> {
    checkSentence(sentence, principal);
    const directory = await this.directoryReader.read();
    return changeState(this.database, 'normaliser', async (manager) => {
      const dispute = await this.load(manager, principal, id);
      const now = new Date();
      const rows = await deriveAfter(manager, directory, [dispute.row_id], now, async () => {
        await manager.query(
          'UPDATE normaliser.dispute SET state = $2, decided_by = $3, decided_at = $4, sentence = $5 WHERE id = $1',
          [id, decision, principal.personId, now, sentence],
        );
      });
      const audit = {
        actor: principal.personId,
        action: decision === 'upheld' ? 'uphold-dispute' : 'dismiss-dispute',
        subject: `dispute/${id}`,
        reason: sentence,
        detail: { row: dispute.row_id, disputed_as: dispute.reason, rows },
      };
      const decided: DisputeRow = { ...dispute, state: decision, decided_at: now, sentence };
      return { result: viewDispute(decided, principal), audit };
    });
  }

  /** How the case stands in which an answer of this platform was heard. */
  async outcome(principal: Principal, feedbackId: string): Promise<DisputeOutcome> {
    const [row] = await query<
      Pick<DisputeRow, 'state' | 'due_at' | 'decided_at' | 'sentence'> & { platform_id: string }
    >(
      this.database,
      `SELECT v.platform_id, d.state, d.due_at, d.decided_at, d.sentence
         FROM normaliser.dispute_voice v JOIN normaliser.dispute d ON d.id = v.dispute_id
        WHERE v.feedback_id = $1 AND v.platform_id IS NOT NULL`,
      [feedbackId],
    );
    authorise(principal, 'feedback:read', { organisationId: row?.platform_id ?? principal.organisationId });
    if (!row) return { state: 'received' };
    return {
      state: row.state,
      due_at: row.due_at.toISOString(),
      decided_at: row.decided_at?.toISOString(),
      sentence: row.sentence ?? undefined,
    };
  }

  /** The dispute, with the subject of its row locked first, in the order in which disputes are opened. */
  private async load(manager: EntityManager, principal: Principal, id: string): Promise<DisputeRow> {
    const noSuchDispute = (): Error => rejection('TOC_ACCESS_NOT_FOUND', 'there is no such dispute');
    const [where] = await manager.query<{ row_id: string }[]>('SELECT row_id FROM normaliser.dispute WHERE id = $1', [
      id,
    ]);
    if (!where) throw noSuchDispute();
    await lockSubjects(manager, [where.row_id]);
    const [dispute] = await manager.query<DisputeRow[]>(
      `SELECT ${disputeColumns('$2')} WHERE d.id = $1 FOR UPDATE OF d`,
      [id, principal.country],
    );
    if (!dispute || !mayKnowDispute(principal, dispute)) throw noSuchDispute();
    authorise(principal, 'dispute:decide', {
      assertedBy: dispute.asserted_by,
      ofPublicInterest: dispute.of_public_interest,
    });
    if (dispute.state !== 'open') throw rejection('TOC_REQUEST_CONFLICT', `the dispute is ${dispute.state} already`);
    return dispute;
  }
}
