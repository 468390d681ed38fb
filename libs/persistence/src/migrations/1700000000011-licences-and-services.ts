import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Kinds of hash that a platform is licensed for, and the hosts that it proved to be its services. */
export class LicencesAndServices1700000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`ALTER TABLE directory.organisation ADD licences text[] NOT NULL DEFAULT '{}'`);
    // Signals that a chunk left out of items that were asserted, by type.
    await runner.query('ALTER TABLE normaliser.chunk ADD left_out jsonb');
    await runner.query(`
      CREATE TABLE directory.service (
        id uuid PRIMARY KEY,
        platform_id uuid NOT NULL REFERENCES directory.organisation,
        host text NOT NULL,
        kind text NOT NULL CHECK (kind IN ('site', 'short-links', 'delivery-network')),
        token text NOT NULL,
        proved_at timestamptz,
        created_at timestamptz NOT NULL DEFAULT now(),
        UNIQUE (platform_id, host)
      );
      -- A host is one platform's service: whoever proves it last has it.
      CREATE UNIQUE INDEX service_proved ON directory.service (host) WHERE proved_at IS NOT NULL;
      GRANT SELECT, INSERT, UPDATE, DELETE ON directory.service TO tocsin_console;
      GRANT SELECT ON directory.service TO tocsin_normaliser;
    `);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE directory.service');
    await runner.query('ALTER TABLE normaliser.chunk DROP left_out');
    await runner.query('ALTER TABLE directory.organisation DROP licences');
  }
}
