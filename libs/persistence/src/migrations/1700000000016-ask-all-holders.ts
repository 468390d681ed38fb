import type { MigrationInterface, QueryRunner } from 'typeorm';

/** An item waits for everybody who wants to be asked about it, whoever was first: `asked.of` is a list. */
export class AskAllHolders1700000000016 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX normaliser.hold_asked;
      UPDATE normaliser.hold SET asked = jsonb_set(asked, '{of}', jsonb_build_array(asked->'of')) WHERE asked IS NOT NULL;
      CREATE INDEX hold_asked ON normaliser.hold USING gin ((asked->'of')) WHERE state = 'open' AND asked IS NOT NULL;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX normaliser.hold_asked;
      UPDATE normaliser.hold SET asked = jsonb_set(asked, '{of}', asked->'of'->0) WHERE asked IS NOT NULL;
      CREATE INDEX hold_asked ON normaliser.hold ((asked->>'of')) WHERE state = 'open' AND asked IS NOT NULL;
    `);
  }
}
