import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What a platform may look back at, and ask for once more. */
const SENDING_AGAIN = `
  -- Attempts to send, a bounded log: when, what became of it, how long it took; nothing of what was in it.
  CREATE TABLE delivery.attempt (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    lane text NOT NULL,
    walk smallint NOT NULL,
    revision integer NOT NULL,
    batch_id uuid NOT NULL,
    records integer NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    outcome text NOT NULL CHECK (outcome IN ('sent', 'refused', 'unavailable', 'gone')),
    status integer,
    duration_ms integer NOT NULL,
    next_try_at timestamptz
  );
  CREATE INDEX attempt_latest ON delivery.attempt (subscription_id, id);
  -- A walk over positions that were walked before: from position, which moves, to until_position.
  CREATE TABLE delivery.recovery (
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    walk smallint NOT NULL CHECK (walk IN (0, 1)),
    revision integer NOT NULL,
    position bigint NOT NULL,
    until_position bigint NOT NULL,
    PRIMARY KEY (subscription_id, channel_id, walk)
  );
  -- How often something was asked for once more, for as long as that is counted.
  CREATE TABLE delivery.asked_again (
    subscription_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    what text NOT NULL CHECK (what IN ('resend', 'recover')),
    PRIMARY KEY (subscription_id, at)
  );
  ALTER TABLE delivery.parked DROP CONSTRAINT parked_because_check,
    ADD CONSTRAINT parked_because_check CHECK (because IN ('refused', 'stopped', 'asked'));
  GRANT SELECT, INSERT, UPDATE, DELETE ON delivery.attempt, delivery.recovery, delivery.asked_again TO tocsin_delivery;
`;

const BEFORE = (
  'stop lift-stop purge rebuild retract issue-key grant-role replace-protected-list close-channel release-organisation ' +
  'permit-list undo-submitter close-duty'
).split(' ');

const allow = (actions: readonly string[]): string => `
  ALTER TABLE directory.proposal DROP CONSTRAINT proposal_action_check,
    ADD CONSTRAINT proposal_action_check CHECK (action IN (${actions.map((action) => `'${action}'`).join(', ')}));`;

/**
 * Who was admitted on which grounds, and to what. Whoever is there already goes on as before, under an admission that says
 * so and is to be looked at now; whoever comes begins with the least.
 */
const ADMISSIONS = `
  ALTER TABLE directory.organisation
    ADD standing text NOT NULL DEFAULT 'match-only' CHECK (standing IN ('match-only', 'full')),
    ADD receives_csea boolean NOT NULL DEFAULT false,
    ADD notices_to text;
  UPDATE directory.organisation SET standing = 'full', receives_csea = true WHERE kind = 'platform';
  CREATE TABLE directory.admission (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES directory.organisation,
    basis text NOT NULL CHECK (basis IN ('decided', 'before-admissions')),
    said jsonb NOT NULL,
    review_on date NOT NULL,
    proposed_by uuid REFERENCES directory.person,
    confirmed_by uuid REFERENCES directory.person,
    admitted_at timestamptz NOT NULL DEFAULT now(),
    replaced_at timestamptz,
    CHECK ((basis = 'decided') = (proposed_by IS NOT NULL AND confirmed_by IS NOT NULL AND proposed_by <> confirmed_by))
  );
  CREATE UNIQUE INDEX admission_in_force ON directory.admission (organisation_id) WHERE replaced_at IS NULL;
  INSERT INTO directory.admission (id, organisation_id, basis, said, review_on)
    SELECT gen_random_uuid(), id, 'before-admissions', '{}', current_date FROM directory.organisation
    WHERE kind IN ('agency', 'platform') AND state <> 'left';
  GRANT SELECT, INSERT, UPDATE ON directory.admission TO tocsin_console;
`;

export class AttemptsAndAdmissions1700000000026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SENDING_AGAIN + ADMISSIONS + allow([...BEFORE, 'admit', 'change-standing', 'reinstate']));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE directory.admission;
      ALTER TABLE directory.organisation DROP standing, DROP receives_csea, DROP notices_to;
      DELETE FROM directory.proposal WHERE action IN ('admit', 'change-standing', 'reinstate');
      ${allow(BEFORE)}
      DELETE FROM delivery.parked WHERE because = 'asked';
      ALTER TABLE delivery.parked DROP CONSTRAINT parked_because_check,
        ADD CONSTRAINT parked_because_check CHECK (because IN ('refused', 'stopped'));
      DROP TABLE delivery.asked_again, delivery.recovery, delivery.attempt;`);
  }
}
