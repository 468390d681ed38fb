import type { MigrationInterface, QueryRunner } from 'typeorm';

const OUTCOMES = `
  -- Which platforms are one company's; null: the platform is a group of its own.
  ALTER TABLE directory.organisation ADD corporate_group text;
  -- Since when an advisory says these words of a row.
  ALTER TABLE normaliser.assertion ADD since timestamptz NOT NULL DEFAULT now();
  -- What a platform answered about a row, once for each kind: the newest while it is open, then never again. How often
  -- something happened is not kept.
  CREATE TABLE normaliser.outcome (
    channel_id text NOT NULL,
    row_id uuid NOT NULL,
    kind text NOT NULL,
    platform_id uuid NOT NULL,
    cell text NOT NULL,
    -- Advisories whose word stood when it was taken.
    advisories uuid[] NOT NULL,
    taken_at timestamptz NOT NULL,
    -- Absent while it is open.
    block_id uuid,
    PRIMARY KEY (channel_id, row_id, kind, platform_id)
  );
  CREATE INDEX outcome_open ON normaliser.outcome (taken_at) WHERE block_id IS NULL;
  -- Answers that are published together; immutable.
  CREATE TABLE normaliser.outcome_block (
    id uuid PRIMARY KEY,
    period date NOT NULL,
    row_id uuid NOT NULL,
    cell text NOT NULL,
    platforms integer NOT NULL CHECK (platforms >= 5)
  );
  CREATE TABLE normaliser.outcome_block_advisory (
    advisory_id uuid NOT NULL,
    period date NOT NULL,
    block_id uuid NOT NULL REFERENCES normaliser.outcome_block,
    PRIMARY KEY (advisory_id, period, block_id)
  );
  -- Weeks of UTC by their Monday; what is in one is shown once it is closed.
  CREATE TABLE normaliser.outcome_period (
    begins date PRIMARY KEY,
    closed_at timestamptz
  );
  -- Platforms that let the agency of an advisory see by name what they answer from then on.
  CREATE TABLE normaliser.naming (
    platform_id uuid NOT NULL,
    advisory_id uuid NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform_id, advisory_id)
  );
  CREATE TABLE normaliser.named_answer (
    advisory_id uuid NOT NULL,
    platform_id uuid NOT NULL,
    feedback_id uuid NOT NULL,
    row_id uuid NOT NULL,
    cell text NOT NULL,
    -- Of an opinion, none.
    count integer,
    PRIMARY KEY (advisory_id, platform_id, feedback_id),
    FOREIGN KEY (platform_id, advisory_id) REFERENCES normaliser.naming ON DELETE CASCADE
  );
  GRANT SELECT, INSERT, UPDATE, DELETE ON normaliser.outcome TO tocsin_normaliser;
  GRANT SELECT, INSERT ON normaliser.outcome_block, normaliser.outcome_block_advisory TO tocsin_normaliser;
  GRANT SELECT, INSERT, UPDATE ON normaliser.outcome_period TO tocsin_normaliser;
  GRANT SELECT, INSERT, UPDATE, DELETE ON normaliser.naming, normaliser.named_answer TO tocsin_normaliser;
  -- Reports that agencies may read, page by page.
  CREATE INDEX feedback_reports ON platform_api.feedback (id) WHERE kind = 'exploitation-report';
`;

/** What agencies see of answers: totals in blocks that are of enough platforms, and what a platform lets be named. */
export class Outcomes1700000000025 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(OUTCOMES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX platform_api.feedback_reports;
      DROP TABLE normaliser.named_answer, normaliser.naming, normaliser.outcome_period,
        normaliser.outcome_block_advisory, normaliser.outcome_block, normaliser.outcome;
      ALTER TABLE normaliser.assertion DROP since;
      ALTER TABLE directory.organisation DROP corporate_group;`);
  }
}
