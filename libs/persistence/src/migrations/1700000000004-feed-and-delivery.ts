import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditTable, deadLetterTable } from './schema-parts.js';

/*
 * Keys here begin with the column that tells most apart, and two indexes of a table never begin with the same column:
 * statistics that do not know a new channel yet make every index that begins with the channel look equally good, and
 * the planner would at times read a whole channel to find one row.
 */

/** The feed: each channel as a table with dense positions in commit order, written by delivery. */
const FEED = `
  CREATE SCHEMA feed;
  CREATE TABLE feed.channel (
    channel_id text PRIMARY KEY,
    head bigint NOT NULL
  );
  -- Every position ever given; previous is the position of the same row before it.
  CREATE TABLE feed.position (
    channel_id text NOT NULL,
    position bigint NOT NULL,
    row_id uuid NOT NULL,
    version integer NOT NULL,
    previous bigint,
    PRIMARY KEY (channel_id, position)
  );
  -- The newest version of each row. walk: 0 content and expiry, 1 withdrawals, which are walked first.
  CREATE TABLE feed.row (
    channel_id text NOT NULL,
    row_id uuid NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    walk smallint NOT NULL,
    live boolean NOT NULL,
    event_id uuid NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (row_id, channel_id)
  );
  CREATE UNIQUE INDEX row_walk ON feed.row (walk, channel_id, position);
  -- The last withdrawal of each row, kept when the row lives again: whoever holds the earlier generation is still told.
  CREATE TABLE feed.withdrawal (
    channel_id text NOT NULL,
    row_id uuid NOT NULL,
    version integer NOT NULL,
    position bigint NOT NULL,
    event_id uuid NOT NULL,
    record text NOT NULL,
    PRIMARY KEY (row_id, channel_id)
  );
  CREATE UNIQUE INDEX withdrawal_walk ON feed.withdrawal (channel_id, position);
`;

const DELIVERY = `
  CREATE SCHEMA delivery;
  CREATE TABLE delivery.endpoint (
    subscription_id uuid PRIMARY KEY,
    failing_since timestamptz,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    paused_at timestamptz,
    paused_because text,
    last_sent_at timestamptz,
    last_detail text
  );
  -- walk 0 content, 1 withdrawals, 2 the end of a membership (position: the head at that time).
  CREATE TABLE delivery.cursor (
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    revision integer NOT NULL,
    walk smallint NOT NULL,
    position bigint NOT NULL,
    PRIMARY KEY (subscription_id, channel_id, revision, walk)
  );
  -- Written before bytes leave. The id is the batch's, the same at every repeat.
  CREATE TABLE delivery.disclosure (
    id uuid PRIMARY KEY,
    platform_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    revision integer NOT NULL,
    walk smallint NOT NULL,
    records integer NOT NULL,
    until_position bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now()
  );
  CREATE INDEX disclosure_latest ON delivery.disclosure (subscription_id, channel_id, at);
  -- Which positions each disclosure covers, as ranges without gaps; live: as a live row, otherwise as its end.
  CREATE TABLE delivery.disclosed (
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    live boolean NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint NOT NULL,
    revision integer NOT NULL,
    disclosure_id uuid NOT NULL,
    PRIMARY KEY (subscription_id, channel_id, from_position, live, disclosure_id)
  );
  CREATE TABLE delivery.receipt (
    disclosure_id uuid PRIMARY KEY,
    sent_at timestamptz NOT NULL DEFAULT now(),
    evidence jsonb NOT NULL
  );
  -- Records that a receiver refused one by one, each with its own retry, and rows that wait for a stop to be lifted.
  CREATE TABLE delivery.parked (
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    row_id uuid NOT NULL,
    position bigint NOT NULL,
    walk smallint NOT NULL,
    because text NOT NULL CHECK (because IN ('refused', 'stopped')),
    detail text NOT NULL,
    attempts integer NOT NULL DEFAULT 0,
    next_try_at timestamptz,
    PRIMARY KEY (row_id, subscription_id, channel_id, walk)
  );
  -- The order in which they are tried; rows that wait for a stop have no time and come last, in order of position.
  CREATE INDEX parked_due ON delivery.parked (subscription_id, channel_id, walk, next_try_at, position);
`;

export class FeedAndDelivery1700000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(FEED + DELIVERY + auditTable('delivery') + deadLetterTable('delivery'));
    await runner.query(`
      GRANT USAGE ON SCHEMA feed, delivery TO tocsin_delivery;
      GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA feed, delivery TO tocsin_delivery;
      REVOKE UPDATE, DELETE ON delivery.audit FROM tocsin_delivery;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA delivery TO tocsin_delivery;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA feed CASCADE; DROP SCHEMA delivery CASCADE');
  }
}
