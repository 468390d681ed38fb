import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Full files of subscriptions that take signed files, and mails that say that there are new ones. */
export class FullFilesAndMails1700000000040 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      -- The newest full file of each channel of a subscription; no time where none was finished yet.
      CREATE TABLE delivery.full_file (
        subscription_id uuid NOT NULL,
        channel_id text NOT NULL,
        begun_at timestamptz,
        revision integer,
        position bigint,
        records bigint,
        bytes bigint,
        next_try_at timestamptz NOT NULL DEFAULT now(),
        PRIMARY KEY (subscription_id, channel_id)
      );
      -- Up to when the platform of a subscription was told by mail what was put.
      CREATE TABLE delivery.file_mail (
        subscription_id uuid PRIMARY KEY,
        told_until timestamptz NOT NULL,
        next_try_at timestamptz NOT NULL DEFAULT now()
      );
      GRANT SELECT, INSERT, UPDATE, DELETE ON delivery.full_file, delivery.file_mail TO tocsin_delivery;
      UPDATE directory.subscription SET settings = '{"full_at": 3, "keep_days": 14, "mail": "none"}'::jsonb || settings
        WHERE connector = 'signed-file';`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      UPDATE directory.subscription SET settings = '{}' WHERE connector = 'signed-file';
      DROP TABLE delivery.file_mail, delivery.full_file;`);
  }
}
