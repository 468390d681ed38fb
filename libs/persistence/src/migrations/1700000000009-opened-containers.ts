import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OpenedContainers1700000000009 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // What was in a container, under the submission's own key like what was said beside it; gone with it.
    await runner.query('ALTER TABLE intake.submission ADD COLUMN contents bytea');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE intake.submission DROP COLUMN contents');
  }
}
