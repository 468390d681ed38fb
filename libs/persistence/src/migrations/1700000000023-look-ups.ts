import type { MigrationInterface, QueryRunner } from 'typeorm';

/*
 * The first 28 bits of the digest under which a live row is looked up (`lookUpDigest` of the domain); null where nobody can.
 * Rows that are there already are given theirs: the value is read from the head of the record as the writer reads it, and of
 * an address scheme and port are left out.
 */
const KEYS = `
  ALTER TABLE feed.row ADD look_up integer;
  WITH found AS (
    SELECT channel_id, row_id, substring(left(record, 20000) FROM '"signal":{"type":"([a-z0-9-]+)","value":"') AS type,
      substring(left(record, 20000) FROM '"signal":{"type":"[a-z0-9-]+","value":("(?:[^"\\\\]|\\\\.)*")}') AS value
    FROM feed.row WHERE live AND NOT bulletin
  ), spelt AS (
    SELECT channel_id, row_id, type, value::jsonb #>> '{}' AS value FROM found
    WHERE type IN ('md5', 'sha1', 'sha256', 'sha512', 'url', 'url-sha256', 'domain')
  ), digested AS (
    SELECT channel_id, row_id, CASE type WHEN 'url-sha256' THEN value ELSE encode(sha256(convert_to(
      CASE type WHEN 'url' THEN regexp_replace(value, '^https?://(\\[[^]]*\\]|[^/:]*)(:[0-9]+)?/', '\\1/') ELSE value END,
      'UTF8')), 'hex') END AS digest
    FROM spelt
  )
  UPDATE feed.row r SET look_up = ('x' || left(d.digest, 7))::bit(28)::integer
    FROM digested d WHERE d.row_id = r.row_id AND d.channel_id = r.channel_id;
  -- Partial, and asked for by its own column alone: no other question can take this index for its own.
  CREATE INDEX row_look_up ON feed.row (channel_id, look_up) WHERE look_up IS NOT NULL;
`;

/** Who may look up: nothing of what was asked, only from where and until when it could be. */
const USERS = `
  CREATE TABLE platform_api.look_up_user (
    subscription_id uuid NOT NULL,
    channel_id text NOT NULL,
    -- Head of the channel when the first look-up was answered: withdrawals count from there.
    from_position bigint NOT NULL,
    -- Look-ups are answered until then; a later one moves it on before it is answered.
    until timestamptz NOT NULL,
    PRIMARY KEY (subscription_id, channel_id)
  );
  GRANT SELECT, INSERT ON platform_api.look_up_user TO tocsin_platform_api;
  GRANT UPDATE (until) ON platform_api.look_up_user TO tocsin_platform_api;
`;

export class LookUps1700000000023 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(KEYS + USERS);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP TABLE platform_api.look_up_user;
      DROP INDEX feed.row_look_up;
      ALTER TABLE feed.row DROP look_up;`);
  }
}
