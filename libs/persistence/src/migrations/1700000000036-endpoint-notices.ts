import type { MigrationInterface, QueryRunner } from 'typeorm';

/** That somebody is told when deliveries to an endpoint stop, and when they go on: once each. */
export class EndpointNotices1700000000036 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- One row for each time that an endpoint was paused.
      CREATE TABLE delivery.notice (
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        subscription_id uuid NOT NULL,
        paused_at timestamptz NOT NULL DEFAULT now(),
        failing_since timestamptz NOT NULL,
        told_at timestamptz,
        recovered_at timestamptz,
        recovery_told_at timestamptz,
        next_try_at timestamptz NOT NULL DEFAULT now()
      );
      CREATE INDEX notice_open ON delivery.notice (subscription_id) WHERE recovery_told_at IS NULL;
      GRANT SELECT, INSERT, UPDATE, DELETE ON delivery.notice TO tocsin_delivery;`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE delivery.notice');
  }
}
