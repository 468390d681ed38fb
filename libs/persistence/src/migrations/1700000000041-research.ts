import type { MigrationInterface, QueryRunner } from 'typeorm';

const RESEARCH = `
  -- How many signals each chunk of an advisory began to assert, under which words: what a research release counts. Statements
  -- are erased with the words they were said in; these facts carry no value, no row and no text, and stay.
  CREATE TABLE normaliser.research_fact (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    advisory_id uuid NOT NULL,
    -- Of the agency, as it was.
    country text NOT NULL,
    harms text[] NOT NULL,
    context text,
    nature text NOT NULL,
    signal_type text NOT NULL,
    signals integer NOT NULL CHECK (signals > 0)
  );
  CREATE INDEX research_fact_at ON normaliser.research_fact (at);
  CREATE INDEX word_end_ended ON normaliser.word_end (ended_at);
  CREATE INDEX feedback_confirmed ON platform_api.feedback (received_at) WHERE kind = 'confirmation';
  CREATE INDEX dispute_decided ON normaliser.dispute (decided_at) WHERE decided_at IS NOT NULL;
  CREATE TABLE platform_api.research_release (
    quarter text PRIMARY KEY CHECK (quarter ~ '^20[0-9]{2}-Q[1-4]$'),
    -- As it is served, to the byte.
    body text NOT NULL,
    sha256 text NOT NULL,
    -- To which corporate group each platform belonged then, by which it can be made again.
    groups jsonb NOT NULL,
    published_at timestamptz NOT NULL DEFAULT now()
  );
  GRANT INSERT ON normaliser.research_fact TO tocsin_normaliser;
  GRANT SELECT ON normaliser.research_fact TO tocsin_platform_api;
  GRANT SELECT (id, created_at) ON normaliser.advisory TO tocsin_platform_api;
  GRANT SELECT (id, reason, state, decided_at) ON normaliser.dispute TO tocsin_platform_api;
  GRANT SELECT ON normaliser.dispute_voice TO tocsin_platform_api;
  GRANT SELECT, INSERT ON platform_api.research_release TO tocsin_platform_api;
`;

/** Quarterly open data. */
export class Research1700000000041 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(RESEARCH);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE platform_api.research_release, normaliser.research_fact;
      DROP INDEX normaliser.word_end_ended, platform_api.feedback_confirmed, normaliser.dispute_decided;
      REVOKE SELECT (id, created_at) ON normaliser.advisory FROM tocsin_platform_api;
      REVOKE SELECT (id, reason, state, decided_at) ON normaliser.dispute FROM tocsin_platform_api;
      REVOKE SELECT ON normaliser.dispute_voice FROM tocsin_platform_api;`);
  }
}
