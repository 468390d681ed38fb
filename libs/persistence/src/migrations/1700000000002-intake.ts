import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditTable, outboxTable } from './schema-parts.js';

const INTAKE = `
  CREATE SCHEMA intake;
  -- Bytes that are being received: parts without a submission after an hour belong to nobody and are removed.
  CREATE TABLE intake.upload (
    submission_id uuid PRIMARY KEY,
    started_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE intake.part (
    submission_id uuid NOT NULL,
    seq integer NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (submission_id, seq)
  );
  ALTER TABLE intake.part ALTER COLUMN ciphertext SET STORAGE EXTERNAL;
  CREATE TABLE intake.submission (
    id uuid PRIMARY KEY,
    kind text NOT NULL,
    agency_id uuid NOT NULL,
    person_id uuid NOT NULL,
    format text NOT NULL,
    -- What was said beside the document, under the submission's own key; gone with it.
    parameters bytea,
    advisory_id uuid,
    idempotency_key text,
    body_digest bytea NOT NULL,
    sha256 text NOT NULL,
    bytes_received bigint NOT NULL,
    bytes_stored bigint NOT NULL,
    parts integer NOT NULL,
    lane smallint NOT NULL,
    received_at timestamptz NOT NULL,
    -- When the normaliser was last told of it.
    announced_at timestamptz NOT NULL DEFAULT now(),
    bytes_state text NOT NULL DEFAULT 'kept' CHECK (bytes_state IN ('kept', 'erased', 'purged')),
    settled_at timestamptz
  );
  CREATE UNIQUE INDEX submission_idempotency ON intake.submission (agency_id, idempotency_key)
    WHERE idempotency_key IS NOT NULL;
  CREATE INDEX submission_agency ON intake.submission (agency_id, received_at);
  CREATE INDEX submission_settled ON intake.submission (settled_at) WHERE bytes_state = 'kept' AND settled_at IS NOT NULL;
  CREATE TABLE intake.submission_key (
    submission_id uuid PRIMARY KEY REFERENCES intake.submission,
    wrapping_key_id text NOT NULL,
    wrapped bytea NOT NULL
  );
`;

export class Intake1700000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(INTAKE + outboxTable('intake') + auditTable('intake'));
    await runner.query(`
      GRANT USAGE ON SCHEMA intake TO tocsin_intake, tocsin_relay;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA intake TO tocsin_intake;
      REVOKE UPDATE, DELETE ON intake.audit FROM tocsin_intake;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA intake TO tocsin_intake;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA intake CASCADE');
  }
}
