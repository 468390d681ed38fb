import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What erases the words of a submission looks for earlier markings by their statements. */
export class PastMarkingsByStatement1700000000006 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('CREATE INDEX past_marking_statement ON normaliser.past_marking (statement_id)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX normaliser.past_marking_statement');
  }
}
