import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How many items an agency may assert in a day without anybody looking; null where nobody said. */
export class ItemsADay1700000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE directory.organisation ADD items_a_day integer CHECK (items_a_day > 0)');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE directory.organisation DROP items_a_day');
  }
}
