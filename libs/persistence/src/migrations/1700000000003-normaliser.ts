import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditTable, deadLetterTable, outboxTable } from './schema-parts.js';

const WORK = `
  CREATE SCHEMA normaliser;
  CREATE TABLE normaliser.job (
    submission_id uuid PRIMARY KEY,
    kind text NOT NULL,
    agency_id uuid NOT NULL,
    person_id uuid NOT NULL,
    -- Who added to it while it was held.
    completed_by uuid[] NOT NULL DEFAULT '{}',
    format text NOT NULL,
    -- Of work that this app ordered itself. What a submission says beside its document is kept by intake.
    parameters jsonb,
    -- What people completed since, until the submission has ended.
    completion jsonb,
    advisory_id uuid,
    bytes bigint NOT NULL,
    lane smallint NOT NULL,
    received_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'accepted',
    released text[] NOT NULL DEFAULT '{}',
    pass integer NOT NULL DEFAULT 1,
    chunks integer NOT NULL DEFAULT 0,
    checkpoint jsonb,
    bytes_left bigint NOT NULL,
    counts jsonb NOT NULL,
    routing jsonb,
    problem jsonb,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz NOT NULL DEFAULT now(),
    settled_at timestamptz
  );
  CREATE INDEX job_ready ON normaliser.job (lane, bytes_left) WHERE state IN ('accepted', 'working');
  CREATE INDEX job_agency ON normaliser.job (agency_id, received_at);
  -- How the items of one chunk ended; their sums are the job's counts (I2).
  CREATE TABLE normaliser.chunk (
    submission_id uuid NOT NULL,
    pass integer NOT NULL,
    seq integer NOT NULL,
    counts jsonb NOT NULL,
    rejected jsonb,
    ignored jsonb,
    committed_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (submission_id, pass, seq)
  );
  CREATE TABLE normaliser.hold (
    id uuid PRIMARY KEY,
    submission_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    submitted_by uuid NOT NULL,
    completed_by uuid[] NOT NULL,
    scope text NOT NULL CHECK (scope IN ('submission', 'item')),
    reason text NOT NULL,
    rule text NOT NULL,
    rule_version integer NOT NULL,
    detail jsonb NOT NULL DEFAULT '{}',
    position bigint,
    candidate jsonb,
    opened_at timestamptz NOT NULL DEFAULT now(),
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'released', 'refused', 'completed')),
    decided_by uuid,
    decided_at timestamptz,
    decision_reason text,
    CHECK (state <> 'released' OR (decided_by <> submitted_by AND decided_by <> ALL (completed_by)))
  );
  CREATE INDEX hold_open ON normaliser.hold (opened_at, id) WHERE state = 'open';
  CREATE INDEX hold_submission ON normaliser.hold (submission_id, position);
  CREATE INDEX hold_stopped ON normaliser.hold (submission_id) WHERE state = 'open' AND reason = 'publishing-stopped';
`;

const ROWS = `
  CREATE TABLE normaliser.advisory (
    id uuid PRIMARY KEY,
    agency_id uuid NOT NULL,
    submission_id uuid NOT NULL,
    ref text,
    ref_modified timestamptz,
    revision integer NOT NULL DEFAULT 0,
    state text NOT NULL DEFAULT 'live' CHECK (state IN ('live', 'retracted')),
    retraction_reason text,
    -- When the retraction was received: a reading received before it says nothing any more.
    retracted_at timestamptz,
    -- When the newest reading was received: an older one that comes late says nothing either.
    last_received_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE UNIQUE INDEX advisory_ref ON normaliser.advisory (ref) WHERE ref IS NOT NULL;
  CREATE INDEX advisory_submission ON normaliser.advisory (submission_id);
  -- One reading of one document writes one revision of an advisory, however many transactions it takes.
  CREATE TABLE normaliser.advisory_reading (
    advisory_id uuid NOT NULL REFERENCES normaliser.advisory,
    submission_id uuid NOT NULL,
    pass integer NOT NULL,
    revision integer NOT NULL,
    PRIMARY KEY (advisory_id, submission_id, pass)
  );
  CREATE INDEX advisory_reading_submission ON normaliser.advisory_reading (submission_id);
  -- What retractions of a part took back, of all rows or of one, on all channels or on some: a reading received before
  -- says it no more.
  CREATE TABLE normaliser.taken_back (
    advisory_id uuid NOT NULL REFERENCES normaliser.advisory,
    row_id uuid,
    channels text[],
    received_at timestamptz NOT NULL
  );
  CREATE INDEX taken_back_advisory ON normaliser.taken_back (advisory_id, row_id);
  -- What one advisory says in the same words about many signals; immutable, told apart by digest.
  CREATE TABLE normaliser.statement (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    advisory_id uuid NOT NULL REFERENCES normaliser.advisory,
    digest bytea NOT NULL,
    body jsonb NOT NULL,
    channels text[] NOT NULL,
    valid_until timestamptz NOT NULL,
    UNIQUE (advisory_id, digest)
  );
  CREATE TABLE normaliser.signal (
    id uuid PRIMARY KEY,
    type text NOT NULL,
    -- Erased with what was said of it last: the id stays, by which a lower marking is told (I6).
    value text
  );
  CREATE TABLE normaliser.bulletin (
    row_id uuid PRIMARY KEY,
    advisory_id uuid NOT NULL REFERENCES normaliser.advisory,
    body jsonb NOT NULL
  );
  -- The live statements about a row; a bulletin's row id stands in the place of a signal id.
  CREATE TABLE normaliser.assertion (
    advisory_id uuid NOT NULL,
    row_id uuid NOT NULL,
    object_key text NOT NULL DEFAULT '',
    statement_id bigint NOT NULL,
    quality smallint,
    revision integer NOT NULL,
    PRIMARY KEY (advisory_id, row_id, object_key)
  );
  CREATE INDEX assertion_row ON normaliser.assertion (row_id);
  CREATE INDEX assertion_object ON normaliser.assertion (object_key) WHERE object_key <> '';
  -- Markings of assertions that were taken back or ran out: what their agency states lower later waits (I6).
  CREATE TABLE normaliser.past_marking (
    row_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    statement_id bigint NOT NULL,
    PRIMARY KEY (row_id, agency_id, statement_id)
  );
  -- The first agency to name a producer's object owns it (I10).
  CREATE TABLE normaliser.source_object (
    ref text PRIMARY KEY,
    agency_id uuid NOT NULL,
    modified timestamptz,
    revoked boolean NOT NULL DEFAULT false
  );
  CREATE TABLE normaliser.channel_row (
    channel_id text NOT NULL,
    row_id uuid NOT NULL,
    bulletin boolean NOT NULL DEFAULT false,
    version integer NOT NULL,
    generation integer NOT NULL,
    withdrawal jsonb,
    due_at timestamptz,
    changed_at timestamptz NOT NULL,
    PRIMARY KEY (channel_id, row_id)
  ) WITH (fillfactor = 90);
  CREATE INDEX channel_row_due ON normaliser.channel_row (due_at) WHERE due_at IS NOT NULL;
`;

export class Normaliser1700000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      WORK + ROWS + outboxTable('normaliser') + auditTable('normaliser') + deadLetterTable('normaliser'),
    );
    await runner.query(`
      GRANT USAGE ON SCHEMA normaliser TO tocsin_normaliser, tocsin_relay;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA normaliser TO tocsin_normaliser;
      REVOKE UPDATE, DELETE ON normaliser.audit FROM tocsin_normaliser;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA normaliser TO tocsin_normaliser;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA normaliser CASCADE');
  }
}
