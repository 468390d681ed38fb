import type { MigrationInterface, QueryRunner } from 'typeorm';

/** When the word of an advisory about a row began and ended, counted in versions of the row. */
const WORDS = `
  -- The version by which an advisory's word about a row began, where it was not the first. Gone when the word has ended.
  CREATE TABLE normaliser.word_begin (
    row_id uuid NOT NULL,
    advisory_id uuid NOT NULL,
    channel_id text NOT NULL,
    version integer NOT NULL,
    PRIMARY KEY (row_id, advisory_id, channel_id)
  );
  -- What one chunk of a retraction took off one channel. The row may be live afterwards, by somebody else's word, or not:
  -- that does not stand here.
  CREATE TABLE normaliser.word_end (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    -- The submission that took back, or the submission or case that was taken back as a whole.
    retraction_id uuid NOT NULL,
    -- What two operators decided, if it came of that.
    proposal_id uuid,
    advisory_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    reason text NOT NULL,
    channel_id text NOT NULL,
    row_ids uuid[] NOT NULL,
    -- The first version that said it, and the first that did not any more.
    began integer[] NOT NULL,
    ended integer[] NOT NULL,
    ended_at timestamptz NOT NULL DEFAULT now(),
    -- platform-api's marks: when it looks, and when it has found out who has to be told.
    look_at timestamptz NOT NULL DEFAULT now(),
    followed_at timestamptz
  );
  CREATE INDEX word_end_retraction ON normaliser.word_end (retraction_id, id);
  CREATE INDEX word_end_advisory ON normaliser.word_end (advisory_id, id);
  CREATE INDEX word_end_proposal ON normaliser.word_end (proposal_id, id) WHERE proposal_id IS NOT NULL;
  CREATE INDEX word_end_unfollowed ON normaliser.word_end (look_at) WHERE followed_at IS NULL;
`;

/** What platforms owe: to be told that a word has ended, and to say what they did. */
const DUTIES = `
  -- One retraction, on one channel, at one platform that had the word. Rows are told by the positions at which the word
  -- ended, as sets of ranges: forty thousand rows that were taken back together are one range.
  CREATE TABLE platform_api.duty (
    retraction_id uuid NOT NULL,
    channel_id text NOT NULL,
    platform_id uuid NOT NULL,
    agency_id uuid NOT NULL,
    owed int8multirange NOT NULL,
    -- Evidence: sent by delivery, fetched from platform-api. Never merged.
    sent int8multirange NOT NULL DEFAULT '{}',
    fetched int8multirange NOT NULL DEFAULT '{}',
    confirmed int8multirange NOT NULL DEFAULT '{}',
    told boolean NOT NULL DEFAULT false,
    opened_at timestamptz NOT NULL DEFAULT now(),
    due_at timestamptz NOT NULL,
    look_at timestamptz NOT NULL DEFAULT now(),
    escalated_at timestamptz,
    closed_at timestamptz,
    closed_by text CHECK (closed_by IN ('confirmation', 'statement')),
    PRIMARY KEY (retraction_id, platform_id, channel_id),
    CHECK ((closed_at IS NULL) = (closed_by IS NULL))
  );
  CREATE INDEX duty_untold ON platform_api.duty (look_at) WHERE NOT told;
  CREATE INDEX duty_due ON platform_api.duty (due_at) WHERE closed_at IS NULL AND escalated_at IS NULL;
  CREATE INDEX duty_escalated ON platform_api.duty (due_at, retraction_id, platform_id, channel_id)
    WHERE closed_at IS NULL AND escalated_at IS NOT NULL;
  CREATE INDEX duty_open ON platform_api.duty (platform_id) WHERE closed_at IS NULL;
  CREATE INDEX duty_owed ON platform_api.duty USING gist (owed);
  -- What a platform said last about which of the rows that it owes.
  CREATE TABLE platform_api.duty_word (
    retraction_id uuid NOT NULL,
    platform_id uuid NOT NULL,
    channel_id text NOT NULL,
    outcome text NOT NULL,
    because text NOT NULL DEFAULT '',
    positions int8multirange NOT NULL,
    PRIMARY KEY (retraction_id, platform_id, channel_id, outcome, because)
  );
  -- A platform that left says, signed, what became of everything. Two operators decided that it is so.
  CREATE TABLE platform_api.closing_statement (
    proposal_id uuid PRIMARY KEY,
    platform_id uuid NOT NULL,
    -- SHA-256 of the signed document, which is kept elsewhere.
    digest bytea NOT NULL,
    says text NOT NULL CHECK (says IN ('deleted', 'kept-until-expiry')),
    at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX closing_statement_platform ON platform_api.closing_statement (platform_id, at);
  -- How many positions there are in a set of ranges.
  CREATE FUNCTION platform_api.positions_in(given int8multirange) RETURNS bigint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT coalesce(sum(upper(r) - lower(r)), 0)::bigint FROM unnest(given) AS r);
`;

/** Adds to what proposals may be about, whatever else was added before. */
const ALLOW = `
  DO $$
  DECLARE allowed text := (SELECT pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conname = 'proposal_action_check' AND conrelid = 'directory.proposal'::regclass);
  BEGIN
    ALTER TABLE directory.proposal DROP CONSTRAINT proposal_action_check;
    EXECUTE 'ALTER TABLE directory.proposal ADD CONSTRAINT proposal_action_check '
      || replace(allowed, 'ARRAY[', 'ARRAY[''close-duty''::text, ');
  END $$`;
const DISALLOW = `
  DO $$
  DECLARE allowed text := (SELECT pg_get_constraintdef(oid) FROM pg_constraint
    WHERE conname = 'proposal_action_check' AND conrelid = 'directory.proposal'::regclass);
  BEGIN
    DELETE FROM directory.proposal WHERE action = 'close-duty';
    ALTER TABLE directory.proposal DROP CONSTRAINT proposal_action_check;
    EXECUTE 'ALTER TABLE directory.proposal ADD CONSTRAINT proposal_action_check '
      || replace(allowed, '''close-duty''::text, ', '');
  END $$`;

export class ProofOfReach1700000000024 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(WORDS + DUTIES);
    await runner.query(ALLOW);
    await runner.query(`
      GRANT SELECT, INSERT, DELETE ON normaliser.word_begin TO tocsin_normaliser;
      GRANT SELECT, INSERT ON normaliser.word_end TO tocsin_normaliser;
      GRANT USAGE ON SCHEMA normaliser TO tocsin_platform_api;
      GRANT SELECT ON normaliser.word_end TO tocsin_platform_api;
      GRANT UPDATE (look_at, followed_at) ON normaliser.word_end TO tocsin_platform_api;
      GRANT SELECT (subscription_id, paused_at) ON delivery.endpoint TO tocsin_platform_api;
      GRANT SELECT, INSERT, UPDATE ON platform_api.duty TO tocsin_platform_api;
      GRANT SELECT, INSERT, UPDATE, DELETE ON platform_api.duty_word TO tocsin_platform_api;
      GRANT SELECT, INSERT ON platform_api.closing_statement TO tocsin_platform_api;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DISALLOW);
    await runner.query(`
      DROP FUNCTION platform_api.positions_in;
      DROP TABLE platform_api.closing_statement, platform_api.duty_word, platform_api.duty;
      DROP TABLE normaliser.word_end, normaliser.word_begin;
      REVOKE SELECT (subscription_id, paused_at) ON delivery.endpoint FROM tocsin_platform_api;
      REVOKE USAGE ON SCHEMA normaliser FROM tocsin_platform_api;`);
  }
}
