import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What another agency took back as an error: whose assertions are lowered until that agency looked, and the cases. Also by
 * which key a submission came, so that what came by one that was lost can be told.
 */
export class Doubts1700000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One retraction, and one other agency that asserts some of its signals. Which retraction is never shown.
      CREATE TABLE normaliser.doubt_case (
        id uuid PRIMARY KEY,
        agency_id uuid NOT NULL,
        retraction_id uuid NOT NULL,
        reason text NOT NULL,
        opened_at timestamptz NOT NULL DEFAULT now(),
        due_at timestamptz NOT NULL,
        state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'stood-by', 'retracted')),
        decided_by uuid,
        decided_at timestamptz,
        decision_reason text,
        -- When the last of its rows was derived anew after the decision.
        settled_at timestamptz,
        UNIQUE (retraction_id, agency_id)
      );
      CREATE INDEX doubt_case_open ON normaliser.doubt_case (agency_id, opened_at, id) WHERE state = 'open';
      CREATE INDEX doubt_case_unsettled ON normaliser.doubt_case (decided_at) WHERE state <> 'open' AND settled_at IS NULL;
      -- While a row is here, what this agency asserts of it counts as review at most.
      CREATE TABLE normaliser.doubt (
        row_id uuid NOT NULL,
        agency_id uuid NOT NULL,
        case_id uuid NOT NULL REFERENCES normaliser.doubt_case,
        PRIMARY KEY (row_id, agency_id)
      );
      CREATE INDEX doubt_of_case ON normaliser.doubt (case_id, row_id);
      GRANT SELECT, INSERT, UPDATE, DELETE ON normaliser.doubt_case, normaliser.doubt TO tocsin_normaliser;
      -- The id of a key, or proposal/… of what two operators decided; null for what came before this was kept.
      ALTER TABLE intake.submission ADD key_id text;
      ALTER TABLE normaliser.job ADD key_id text;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE normaliser.job DROP key_id;
      ALTER TABLE intake.submission DROP key_id;
      DROP TABLE normaliser.doubt;
      DROP TABLE normaliser.doubt_case;`);
  }
}
