import type { MigrationInterface, QueryRunner } from 'typeorm';
import { auditTable } from './schema-parts.js';

/**
 * What platforms fetch themselves: the schema of platform-api, with a ledger as delivery has one. What was fetched is
 * known when somebody comes back with the cursor that was given with it.
 */
const PLATFORM_API = `
  CREATE SCHEMA platform_api;
  -- Written before bytes leave. walk: 0 content, 1 withdrawals, 2 the end of a membership, 3 content that waited for a stop.
  CREATE TABLE platform_api.disclosure (
    id uuid PRIMARY KEY,
    platform_id uuid NOT NULL,
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    revision integer NOT NULL,
    walk smallint NOT NULL,
    records integer NOT NULL,
    until_position bigint NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    fetched_at timestamptz
  );
  CREATE INDEX disclosure_channel ON platform_api.disclosure (subscription_id, channel_id);
  CREATE INDEX disclosure_open ON platform_api.disclosure (subscription_id, channel_id) WHERE fetched_at IS NULL;
  CREATE TABLE platform_api.disclosed (
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    live boolean NOT NULL,
    from_position bigint NOT NULL,
    to_position bigint NOT NULL,
    revision integer NOT NULL,
    disclosure_id uuid NOT NULL,
    PRIMARY KEY (subscription_id, channel_id, from_position, live, disclosure_id)
  );
  -- The evidence, in the shape in which delivery keeps its own.
  CREATE VIEW platform_api.receipt AS
    SELECT id AS disclosure_id, fetched_at FROM platform_api.disclosure WHERE fetched_at IS NOT NULL;
`;

export class PlatformApi1700000000017 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Roles belong to the cluster, not to the database: another database may have made it, even at this moment.
    await runner.query(
      `DO $$ BEGIN CREATE ROLE tocsin_platform_api NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
    );
    await runner.query(PLATFORM_API + auditTable('platform_api'));
    await runner.query(`
      GRANT USAGE ON SCHEMA directory, feed, platform_api TO tocsin_platform_api;
      GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA platform_api TO tocsin_platform_api;
      GRANT UPDATE (fetched_at) ON platform_api.disclosure TO tocsin_platform_api;
      GRANT USAGE ON ALL SEQUENCES IN SCHEMA platform_api TO tocsin_platform_api;
      GRANT SELECT ON ALL TABLES IN SCHEMA feed TO tocsin_platform_api;
      GRANT SELECT ON directory.organisation, directory.person, directory.api_key, directory.channel, directory.stop
        TO tocsin_platform_api;
      GRANT SELECT (id, platform_id, connector, channels, filter, revision, state, leave_policy, created_at)
        ON directory.subscription TO tocsin_platform_api;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP SCHEMA platform_api CASCADE;
      REVOKE ALL ON ALL TABLES IN SCHEMA directory, feed FROM tocsin_platform_api;
      REVOKE USAGE ON SCHEMA directory, feed FROM tocsin_platform_api;`);
  }
}
