import type { MigrationInterface, QueryRunner } from 'typeorm';

const BEFORE = 'stop lift-stop purge rebuild retract issue-key grant-role replace-protected-list'.split(' ');
const NOW = [...BEFORE, 'close-channel', 'release-organisation'];

const allow = (actions: readonly string[]): string => `
  ALTER TABLE directory.proposal DROP CONSTRAINT proposal_action_check,
    ADD CONSTRAINT proposal_action_check CHECK (action IN (${actions.map((action) => `'${action}'`).join(', ')}))`;

/** What is for good is decided by two: a channel that closes, an organisation that is let go. */
export class ProposalsForGood1700000000008 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(allow(NOW));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM directory.proposal WHERE action IN ('close-channel', 'release-organisation')`);
    await runner.query(allow(BEFORE));
  }
}
