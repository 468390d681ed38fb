import type { MigrationInterface, QueryRunner } from 'typeorm';

const BEFORE =
  'stop lift-stop purge rebuild retract issue-key grant-role replace-protected-list close-channel release-organisation'.split(
    ' ',
  );
const NOW = [...BEFORE, 'permit-list'];

const allow = (actions: readonly string[]): string => `
  ALTER TABLE directory.proposal DROP CONSTRAINT proposal_action_check,
    ADD CONSTRAINT proposal_action_check CHECK (action IN (${actions.map((action) => `'${action}'`).join(', ')}))`;

/** Which lists of third parties an agency may submit: entries of list, terms and until. */
export class ListPermissions1700000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE directory.organisation ADD list_permissions jsonb NOT NULL DEFAULT '[]'`);
    await runner.query(allow(NOW));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE directory.organisation DROP list_permissions');
    await runner.query(`DELETE FROM directory.proposal WHERE action = 'permit-list'`);
    await runner.query(allow(BEFORE));
  }
}
