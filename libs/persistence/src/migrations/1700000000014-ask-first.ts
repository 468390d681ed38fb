import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Deconfliction: who wants to be asked about which rows, and what waits for an answer or for its time. */
export class AskFirst1700000000014 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE normaliser.ask_first (
        row_id uuid NOT NULL,
        agency_id uuid NOT NULL,
        until timestamptz NOT NULL,
        PRIMARY KEY (row_id, agency_id)
      );
      GRANT SELECT, INSERT, UPDATE, DELETE ON normaliser.ask_first TO tocsin_normaliser;
      -- Whom to ask, and what that agency is told; nobody else is shown it.
      ALTER TABLE normaliser.hold ADD asked jsonb, ADD due_at timestamptz;
      -- Channels on which an item would be published, as they were when it was held.
      ALTER TABLE normaliser.hold ADD channels text[];
      CREATE INDEX hold_due ON normaliser.hold (due_at) WHERE state = 'open' AND due_at IS NOT NULL;
      CREATE INDEX hold_asked ON normaliser.hold ((asked->>'of')) WHERE state = 'open' AND asked IS NOT NULL;
      -- One item in so many is drawn for review; 0 for none.
      ALTER TABLE directory.organisation ADD review_one_in integer NOT NULL DEFAULT 0 CHECK (review_one_in >= 0);
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE directory.organisation DROP review_one_in;
      ALTER TABLE normaliser.hold DROP asked, DROP due_at, DROP channels;
      DROP TABLE normaliser.ask_first;
    `);
  }
}
