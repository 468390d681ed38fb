import type { MigrationInterface, QueryRunner } from 'typeorm';
import { DIRECTORY_NOTIFICATION } from '../directory/directory-notification.js';
import { auditTable } from './schema-parts.js';

/** Group roles, one an app; a deployment's login roles are members of them. */
const ROLES = ['tocsin_console', 'tocsin_intake', 'tocsin_normaliser', 'tocsin_relay', 'tocsin_delivery'];

const DIRECTORY = `
  CREATE SCHEMA directory;
  CREATE TABLE directory.organisation (
    id uuid PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('agency', 'platform', 'operator', 'oversight')),
    name text NOT NULL UNIQUE,
    country char(2) NOT NULL,
    platform_kind text,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'suspended', 'left')),
    desks jsonb NOT NULL DEFAULT '[]',
    defaults jsonb NOT NULL DEFAULT '{}',
    default_channels text[] NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((kind = 'platform') = (platform_kind IS NOT NULL))
  );
  CREATE TABLE directory.person (
    id uuid PRIMARY KEY,
    organisation_id uuid NOT NULL REFERENCES directory.organisation,
    name text NOT NULL,
    roles text[] NOT NULL,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'left')),
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organisation_id, name)
  );
  CREATE TABLE directory.api_key (
    id text PRIMARY KEY,
    person_id uuid NOT NULL REFERENCES directory.person,
    secret_hash bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
  );
  CREATE TABLE directory.channel (
    id text PRIMARY KEY CHECK (id ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    title text NOT NULL,
    audience jsonb NOT NULL,
    highest_tlp text NOT NULL,
    priority text NOT NULL DEFAULT 'ordinary' CHECK (priority IN ('ordinary', 'emergency')),
    drill boolean NOT NULL DEFAULT false,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    created_at timestamptz NOT NULL DEFAULT now()
  );
  CREATE TABLE directory.subscription (
    id uuid PRIMARY KEY,
    platform_id uuid NOT NULL REFERENCES directory.organisation,
    connector text NOT NULL,
    channels text[] NOT NULL,
    filter jsonb NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL,
    sealed_secrets bytea NOT NULL,
    revision integer NOT NULL DEFAULT 1,
    state text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'left')),
    leave_policy text CHECK (leave_policy IN ('keep-until-expiry', 'delete-all')),
    created_at timestamptz NOT NULL DEFAULT now(),
    changed_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'left') = (leave_policy IS NOT NULL))
  );
  CREATE INDEX subscription_platform ON directory.subscription (platform_id);
  CREATE TABLE directory.kafka_user (
    platform_id uuid PRIMARY KEY REFERENCES directory.organisation,
    name text NOT NULL UNIQUE,
    state text NOT NULL CHECK (state IN ('granted', 'revoked')),
    changed_at timestamptz NOT NULL DEFAULT now()
  );
  -- What two operators decide together: proposed by one, confirmed by another.
  CREATE TABLE directory.proposal (
    id uuid PRIMARY KEY,
    action text NOT NULL CHECK (action IN (
      'stop', 'lift-stop', 'purge', 'rebuild', 'retract', 'issue-key', 'grant-role', 'replace-protected-list')),
    subject jsonb NOT NULL,
    content jsonb,
    reason text NOT NULL,
    proposed_by uuid NOT NULL REFERENCES directory.person,
    proposed_at timestamptz NOT NULL DEFAULT now(),
    confirmed_by uuid REFERENCES directory.person,
    confirmed_at timestamptz,
    done_at timestamptz,
    outcome jsonb,
    CHECK (confirmed_by <> proposed_by)
  );
  CREATE TABLE directory.stop (
    id uuid PRIMARY KEY REFERENCES directory.proposal,
    scope text NOT NULL CHECK (scope IN ('everything', 'agency', 'channel')),
    subject text,
    since timestamptz NOT NULL DEFAULT now(),
    lifted_at timestamptz,
    CHECK ((scope = 'everything') = (subject IS NULL))
  );
  -- Protected lists: rules as data, replaced whole, each with a version that decisions name.
  CREATE TABLE directory.protected_list (
    id text PRIMARY KEY,
    title text NOT NULL,
    version integer NOT NULL,
    judges text NOT NULL CHECK (judges IN ('any-hit', 'whole-host', 'digest')),
    entries text[] NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
  );
`;

/** Tells whoever follows the directory that something changed that decides about delivery. */
const NOTICES = `
  CREATE FUNCTION directory.tell() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN PERFORM pg_notify('${DIRECTORY_NOTIFICATION}', ''); RETURN NULL; END $$;
  ${['organisation', 'channel', 'subscription', 'stop']
    .map(
      (table) => `CREATE TRIGGER tell AFTER INSERT OR UPDATE ON directory.${table}
    FOR EACH STATEMENT EXECUTE FUNCTION directory.tell();`,
    )
    .join('\n  ')}
`;

/** What the other apps may read of the directory; key hashes go to the two apps that authenticate people. */
const VIEWS = `
  GRANT USAGE ON SCHEMA directory TO ${ROLES.join(', ')};
  GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA directory TO tocsin_console;
  REVOKE UPDATE, DELETE ON directory.audit FROM tocsin_console;
  GRANT USAGE ON ALL SEQUENCES IN SCHEMA directory TO tocsin_console;
  GRANT SELECT ON directory.organisation, directory.person, directory.channel, directory.stop
    TO tocsin_intake, tocsin_normaliser, tocsin_delivery;
  GRANT SELECT ON directory.channel TO tocsin_relay;
  GRANT SELECT ON directory.api_key TO tocsin_intake;
  GRANT SELECT ON directory.protected_list TO tocsin_normaliser;
  GRANT SELECT ON directory.subscription TO tocsin_delivery, tocsin_normaliser;
  REVOKE SELECT ON directory.subscription FROM tocsin_normaliser;
  GRANT SELECT (id, platform_id, connector, channels, filter, revision, state) ON directory.subscription TO tocsin_normaliser;
`;

export class Directory1700000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const role of ROLES) {
      // Roles belong to the cluster, not to the database: another database may have made them, even at this moment.
      await runner.query(
        `DO $$ BEGIN CREATE ROLE ${role} NOLOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$`,
      );
    }
    await runner.query(DIRECTORY + NOTICES + auditTable('directory'));
    await runner.query(VIEWS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP SCHEMA directory CASCADE');
  }
}
