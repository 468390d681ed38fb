import type { MigrationInterface, QueryRunner } from 'typeorm';

const GRANTS = `
  GRANT SELECT (agency_id) ON normaliser.advisory TO tocsin_platform_api;
  GRANT SELECT (advisory_id, row_id, statement_id) ON normaliser.assertion TO tocsin_platform_api;
  GRANT SELECT (id, channels) ON normaliser.statement TO tocsin_platform_api;
  GRANT SELECT (id) ON normaliser.signal TO tocsin_platform_api;
  GRANT SELECT ON normaliser.word_begin TO tocsin_platform_api;
`;

/** How far an advisory has come: which rows are on its word, and since which version; no value and no words. */
export class ReachOfAdvisories1700000000042 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(GRANTS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      REVOKE SELECT (agency_id) ON normaliser.advisory FROM tocsin_platform_api;
      REVOKE SELECT (advisory_id, row_id, statement_id) ON normaliser.assertion FROM tocsin_platform_api;
      REVOKE SELECT (id, channels) ON normaliser.statement FROM tocsin_platform_api;
      REVOKE SELECT (id) ON normaliser.signal FROM tocsin_platform_api;
      REVOKE SELECT ON normaliser.word_begin FROM tocsin_platform_api;`);
  }
}
