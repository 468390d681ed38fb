import type { MigrationInterface, QueryRunner } from 'typeorm';

const judge = (words: string): string => `
  ALTER TABLE directory.protected_list DROP CONSTRAINT protected_list_judges_check,
    ADD CONSTRAINT protected_list_judges_check CHECK (judges IN (${words}))`;

/** Protected lists of perceptual hashes, which also hold what is near. */
export class NearHashes1700000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(judge(`'any-hit', 'whole-host', 'digest', 'near-hash'`));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DELETE FROM directory.protected_list WHERE judges = 'near-hash'`);
    await runner.query(judge(`'any-hit', 'whole-host', 'digest'`));
  }
}
