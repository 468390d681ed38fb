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

export class AttemptsAndAdmissions1700000000026 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(SENDING_AGAIN);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DELETE FROM delivery.parked WHERE because = 'asked';
      ALTER TABLE delivery.parked DROP CONSTRAINT parked_because_check,
        ADD CONSTRAINT parked_because_check CHECK (because IN ('refused', 'stopped'));
      DROP TABLE delivery.asked_again, delivery.recovery, delivery.attempt;`);
  }
}
