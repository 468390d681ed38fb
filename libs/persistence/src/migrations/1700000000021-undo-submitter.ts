import type { MigrationInterface, QueryRunner } from 'typeorm';

const BEFORE =
  'stop lift-stop purge rebuild retract issue-key grant-role replace-protected-list close-channel release-organisation permit-list'.split(
    ' ',
  );
const NOW = [...BEFORE, 'undo-submitter'];

const allow = (actions: readonly string[]): string => `
  ALTER TABLE directory.proposal DROP CONSTRAINT proposal_action_check,
    ADD CONSTRAINT proposal_action_check CHECK (action IN (${actions.map((action) => `'${action}'`).join(', ')}))`;

/** Two operators undo everything that a key, a person or an agency submitted in a window of time. */
export class UndoSubmitter1700000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(allow(NOW));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM directory.proposal WHERE action = 'undo-submitter'`);
    await runner.query(allow(BEFORE));
  }
}
