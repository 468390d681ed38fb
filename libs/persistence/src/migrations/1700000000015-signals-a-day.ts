import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Floods count signals, of which one item can have thousands. */
export class SignalsADay1700000000015 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE directory.organisation RENAME items_a_day TO signals_a_day;
      ALTER TABLE directory.organisation RENAME CONSTRAINT organisation_items_a_day_check TO organisation_signals_a_day_check;
      -- Signals that a submission asserted, in its newest reading.
      ALTER TABLE normaliser.job ADD signals bigint NOT NULL DEFAULT 0;
      UPDATE normaliser.job SET signals = coalesce((counts->>'asserted')::bigint, 0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE normaliser.job DROP signals;
      ALTER TABLE directory.organisation RENAME CONSTRAINT organisation_signals_a_day_check TO organisation_items_a_day_check;
      ALTER TABLE directory.organisation RENAME signals_a_day TO items_a_day;
    `);
  }
}
