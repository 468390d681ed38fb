import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Which ceilings the safeguards lowered in a chunk: entries of rule, version, from, to, country or null, and rows. */
export class LoweredCeilings1700000000007 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE normaliser.chunk ADD lowered jsonb');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE normaliser.chunk DROP lowered');
  }
}
