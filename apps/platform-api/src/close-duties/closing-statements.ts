import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState } from '#libs/persistence';
import type { ClosingStatementGiven } from './closing-statement.dto.js';

const CLOSE = `
  WITH closed AS (
    UPDATE platform_api.duty SET closed_at = now(), closed_by = 'statement' WHERE platform_id = $1 AND closed_at IS NULL RETURNING 1)
  SELECT count(*)::integer AS duties FROM closed`;

/**
 * Takes the statement of a platform that left, by which it says, signed, what became of everything that it received: from
 * then on nobody waits for its word. What is withdrawn later is sent to it all the same (I4).
 */
@Injectable()
export class ClosingStatements {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * Asked again under the same proposal, it changes nothing.
   * @returns how many duties it closed
   * @throws rejections `TOC_ACCESS_SECOND_PERSON`; `TOC_REQUEST_CONFLICT` while the platform still subscribes to something
   */
  take(principal: Principal, given: ClosingStatementGiven): Promise<{ duties: number }> {
    authorise(principal, 'proposal:confirm', { proposedBy: given.proposed_by });
    const { platform, statement, says, proposal_id: proposal, reason } = given;
    return changeState(this.database, 'platform_api', async (manager) => {
      const made = await manager.query<object[]>(
        `INSERT INTO platform_api.closing_statement (proposal_id, platform_id, digest, says)
         SELECT $1, o.id, decode($3, 'hex'), $4 FROM directory.organisation o
          WHERE o.id = $2 AND o.kind = 'platform'
            AND NOT EXISTS (SELECT FROM directory.subscription s WHERE s.platform_id = o.id AND s.state <> 'left')
         ON CONFLICT DO NOTHING RETURNING 1`,
        [proposal, platform, statement, says],
      );
      if (made.length === 0) {
        const before = await manager.query<object[]>(
          'SELECT FROM platform_api.closing_statement WHERE proposal_id = $1',
          [proposal],
        );
        if (before.length > 0) return { result: { duties: 0 }, audit: undefined };
        throw rejection(
          'TOC_REQUEST_CONFLICT',
          'there is no such platform, or it has not left all that it subscribed to',
        );
      }
      const [closed] = await manager.query<{ duties: number }[]>(CLOSE, [platform]);
      const duties = closed?.duties ?? 0;
      const audit = {
        actor: principal.personId,
        action: 'close-duty',
        subject: `platform/${platform}`,
        reason,
        detail: { proposal, statement, says, duties },
      };
      return { result: { duties }, audit };
    });
  }
}
