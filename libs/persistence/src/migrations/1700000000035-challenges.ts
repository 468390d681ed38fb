import type { MigrationInterface, QueryRunner } from 'typeorm';

const CHALLENGES = `
  -- Challenges that the normaliser has not seen yet. Once it has, nothing is kept of them here: the reference that was
  -- given is signed, and says by itself what it says.
  CREATE TABLE platform_api.challenge (
    id uuid PRIMARY KEY,
    said jsonb NOT NULL,
    received_at timestamptz NOT NULL
  );
  CREATE TABLE platform_api.challenge_day (
    day date PRIMARY KEY,
    received integer NOT NULL
  );
  GRANT SELECT, INSERT, DELETE ON platform_api.challenge TO tocsin_platform_api;
  GRANT SELECT, INSERT, UPDATE ON platform_api.challenge_day TO tocsin_platform_api;
  -- Those of what is listed. A reviewer looks first; then it is a dispute, or nothing.
  CREATE TABLE normaliser.challenge (
    id uuid PRIMARY KEY,
    row_id uuid NOT NULL,
    reason text NOT NULL,
    role text NOT NULL,
    said text,
    -- The agencies that asserted the row when it was opened.
    owners uuid[] NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'upheld', 'dismissed')),
    opened_at timestamptz NOT NULL,
    due_at timestamptz NOT NULL,
    decided_by uuid,
    decided_at timestamptz,
    sentence text,
    CHECK ((state = 'open') = (decided_by IS NULL) AND (state = 'open') = (sentence IS NULL))
  );
  CREATE UNIQUE INDEX challenge_open ON normaliser.challenge (row_id, reason) WHERE state = 'open';
  CREATE INDEX challenge_due ON normaliser.challenge (due_at, id) WHERE state = 'open';
  CREATE INDEX challenge_dismissed ON normaliser.challenge (row_id, decided_at) WHERE state = 'dismissed';
  GRANT SELECT, INSERT, UPDATE ON normaliser.challenge TO tocsin_normaliser;
  -- A voice without a platform is that of a challenge.
  ALTER TABLE normaliser.dispute_voice ALTER platform_id DROP NOT NULL;
`;

/** People without an account challenge what may be listed. */
export class Challenges1700000000035 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(CHALLENGES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM normaliser.dispute_voice WHERE platform_id IS NULL;
      ALTER TABLE normaliser.dispute_voice ALTER platform_id SET NOT NULL;
      DROP TABLE normaliser.challenge, platform_api.challenge_day, platform_api.challenge;`);
  }
}
