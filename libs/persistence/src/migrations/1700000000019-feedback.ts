import type { MigrationInterface, QueryRunner } from 'typeorm';
import { outboxTable } from './schema-parts.js';

/** What platforms answer: kept by platform-api, told to others by its outbox. */
const ANSWERS = `
  CREATE TABLE platform_api.feedback (
    id uuid PRIMARY KEY,
    platform_id uuid NOT NULL,
    person_id uuid NOT NULL,
    kind text NOT NULL,
    -- Absent of an answer about no row.
    channel_id text,
    row_id uuid,
    -- As given, without what the other columns say.
    said jsonb NOT NULL,
    received_at timestamptz NOT NULL,
    CHECK ((channel_id IS NULL) = (row_id IS NULL))
  );
  CREATE INDEX feedback_on_row ON platform_api.feedback (row_id, kind) WHERE row_id IS NOT NULL;
  CREATE INDEX feedback_of_platform ON platform_api.feedback (platform_id, received_at);
  -- What was answered to a request that named a key: a repeat gets the same.
  CREATE TABLE platform_api.feedback_request (
    platform_id uuid NOT NULL,
    idempotency_key text NOT NULL,
    digest bytea NOT NULL,
    answer json NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (platform_id, idempotency_key)
  );
  -- How much a platform has answered on a day of UTC; its row is locked while it answers.
  CREATE TABLE platform_api.feedback_day (
    platform_id uuid NOT NULL,
    day date NOT NULL,
    items integer NOT NULL DEFAULT 0,
    disputes integer NOT NULL DEFAULT 0,
    PRIMARY KEY (platform_id, day)
  );
`;

/** Disputes: one case for each row and reason, whoever raised it. */
const DISPUTES = `
  CREATE TABLE normaliser.dispute (
    id uuid PRIMARY KEY,
    row_id uuid NOT NULL,
    reason text NOT NULL,
    -- Nobody who asserts the row decides about it.
    of_public_interest boolean NOT NULL,
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
  -- One open case for each.
  CREATE UNIQUE INDEX dispute_open ON normaliser.dispute (row_id, reason) WHERE state = 'open';
  CREATE INDEX dispute_in_force ON normaliser.dispute (row_id) WHERE state <> 'dismissed';
  CREATE INDEX dispute_due ON normaliser.dispute (due_at) WHERE state = 'open';
  CREATE TABLE normaliser.dispute_voice (
    feedback_id uuid PRIMARY KEY,
    dispute_id uuid NOT NULL REFERENCES normaliser.dispute,
    platform_id uuid NOT NULL
  );
  CREATE INDEX dispute_voice_of ON normaliser.dispute_voice (dispute_id, platform_id);
`;

export class Feedback1700000000019 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ANSWERS + DISPUTES + outboxTable('platform_api'));
    await runner.query(`
      GRANT SELECT, INSERT ON platform_api.feedback TO tocsin_platform_api;
      GRANT SELECT, INSERT, UPDATE, DELETE ON platform_api.feedback_request TO tocsin_platform_api;
      GRANT SELECT, INSERT, UPDATE ON platform_api.feedback_day TO tocsin_platform_api;
      GRANT INSERT ON platform_api.outbox TO tocsin_platform_api;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA platform_api TO tocsin_platform_api;
      GRANT USAGE ON SCHEMA platform_api TO tocsin_relay;
      GRANT SELECT, INSERT, UPDATE ON normaliser.dispute TO tocsin_normaliser;
      GRANT SELECT, INSERT ON normaliser.dispute_voice TO tocsin_normaliser;`);
    // Which positions were disclosed by delivery, and that they arrived: no address, no record, no evidence.
    await runner.query(`
      GRANT USAGE ON SCHEMA delivery TO tocsin_platform_api;
      GRANT SELECT ON delivery.disclosed TO tocsin_platform_api;
      GRANT SELECT (disclosure_id) ON delivery.receipt TO tocsin_platform_api;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      REVOKE SELECT ON delivery.disclosed FROM tocsin_platform_api;
      REVOKE SELECT (disclosure_id) ON delivery.receipt FROM tocsin_platform_api;
      REVOKE USAGE ON SCHEMA delivery FROM tocsin_platform_api;
      REVOKE USAGE ON SCHEMA platform_api FROM tocsin_relay;
      DROP TABLE normaliser.dispute_voice, normaliser.dispute, platform_api.outbox, platform_api.feedback,
        platform_api.feedback_request, platform_api.feedback_day;`);
  }
}
