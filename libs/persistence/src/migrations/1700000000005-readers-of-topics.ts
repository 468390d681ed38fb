import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets delivery see whether anybody can read a platform's topic, and tells it when that changes. */
export class ReadersOfTopics1700000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      GRANT SELECT (platform_id, state) ON directory.kafka_user TO tocsin_delivery;
      CREATE TRIGGER tell AFTER INSERT OR UPDATE ON directory.kafka_user
        FOR EACH STATEMENT EXECUTE FUNCTION directory.tell();`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TRIGGER tell ON directory.kafka_user;
      REVOKE SELECT (platform_id, state) ON directory.kafka_user FROM tocsin_delivery;`);
  }
}
