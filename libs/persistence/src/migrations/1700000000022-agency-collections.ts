import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What agencies submitted by TAXII, object by object, for as long as they leave it there. Objects are under the key of
 * their submission, and go with it.
 */
const COLLECTIONS = `
  -- One row an agency. Its lock gives dates: distinct, increasing, in the order of commits.
  CREATE TABLE intake.collection (
    agency_id uuid PRIMARY KEY,
    added_at timestamptz NOT NULL,
    -- Counts changes: what was answered holds for as long as it is the same.
    revision bigint NOT NULL
  );
  -- A request that added objects: which, in their order, under the key of the submission.
  CREATE TABLE intake.envelope (
    submission_id uuid PRIMARY KEY,
    objects integer NOT NULL,
    listed bytea
  );
  CREATE TABLE intake.object (
    agency_id uuid NOT NULL,
    added_at timestamptz NOT NULL,
    object_id text NOT NULL,
    type text NOT NULL,
    spec_version text NOT NULL,
    -- As written; of what has no versions, the date on which it was added.
    version text NOT NULL,
    version_at timestamptz NOT NULL,
    is_first boolean NOT NULL,
    is_last boolean NOT NULL,
    submission_id uuid NOT NULL,
    place integer NOT NULL,
    ciphertext bytea NOT NULL,
    PRIMARY KEY (agency_id, added_at)
  );
  ALTER TABLE intake.object ALTER COLUMN ciphertext SET STORAGE EXTERNAL;
  CREATE UNIQUE INDEX object_version ON intake.object (agency_id, object_id, version_at);
  CREATE INDEX object_last ON intake.object (agency_id, added_at) WHERE is_last;
  CREATE INDEX object_type ON intake.object (agency_id, type, added_at);
  CREATE INDEX object_version_at ON intake.object (agency_id, version_at, added_at);
  CREATE INDEX object_of_version_20 ON intake.object (agency_id, added_at) WHERE spec_version <> '2.1';
  CREATE INDEX object_submission ON intake.object (submission_id);
  GRANT SELECT, INSERT, UPDATE, DELETE ON intake.collection, intake.envelope, intake.object TO tocsin_intake;
`;

export class AgencyCollections1700000000022 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(COLLECTIONS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE intake.object, intake.envelope, intake.collection');
  }
}
