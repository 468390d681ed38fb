import type { MigrationInterface, QueryRunner } from 'typeorm';

const ONCE_NAMED = `
  -- About which rows a platform was ever shown by name: what it answers about them is in no total, also when the naming has
  -- ended. Whoever saw the name would know one of a block, and the others would be fewer.
  CREATE TABLE normaliser.once_named (
    row_id uuid NOT NULL,
    platform_id uuid NOT NULL,
    PRIMARY KEY (row_id, platform_id)
  );
  GRANT SELECT, INSERT ON normaliser.once_named TO tocsin_normaliser;
  INSERT INTO normaliser.once_named SELECT DISTINCT row_id, platform_id FROM normaliser.named_answer;
  DELETE FROM normaliser.outcome o USING normaliser.once_named n
   WHERE o.row_id = n.row_id AND o.platform_id = n.platform_id AND o.block_id IS NULL;
  -- A row has one id on every channel, and what a platform says of it in one place bears on all.
  CREATE INDEX outcome_row ON normaliser.outcome (row_id, platform_id);
`;

/** What is shown by name stays out of every total. */
export class OnceNamed1700000000039 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ONCE_NAMED);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP INDEX normaliser.outcome_row; DROP TABLE normaliser.once_named;');
  }
}
