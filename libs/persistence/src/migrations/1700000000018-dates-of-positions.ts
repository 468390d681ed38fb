import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * When each position of a channel was added, as TAXII counts: distinct and increasing in the order of positions. A row knows
 * its own date and that of its first version; which position a date belongs to is told by one row for each batch. What was
 * written before is dated one microsecond apart, up to now.
 */
const DATES = `
  ALTER TABLE feed.channel ADD added_at timestamptz;
  UPDATE feed.channel SET added_at = date_trunc('second', now());
  ALTER TABLE feed.channel ALTER added_at SET NOT NULL, ALTER added_at SET DEFAULT now();

  -- Positions that were added together, one microsecond after the other.
  CREATE TABLE feed.addition (
    channel_id text NOT NULL,
    added_at timestamptz NOT NULL,
    first_position bigint NOT NULL,
    last_position bigint NOT NULL,
    PRIMARY KEY (channel_id, added_at)
  );
  INSERT INTO feed.addition (channel_id, added_at, first_position, last_position)
    SELECT channel_id, added_at - (head - 1) * interval '1 microsecond', 1, head FROM feed.channel WHERE head > 0;

  ALTER TABLE feed.row ADD added_at timestamptz, ADD first_at timestamptz, ADD bulletin boolean NOT NULL DEFAULT false;
  UPDATE feed.row r SET added_at = c.added_at - (c.head - r.position) * interval '1 microsecond',
    bulletin = r.live AND left(r.record, 600) LIKE '%"bulletin":{%'
    FROM feed.channel c WHERE c.channel_id = r.channel_id;
  UPDATE feed.row SET first_at = added_at;
  ALTER TABLE feed.row ALTER added_at SET NOT NULL, ALTER added_at SET DEFAULT now(), ALTER first_at SET NOT NULL, ALTER first_at SET DEFAULT now();
  -- Few rows are bulletins; they are found without passing all signals.
  CREATE INDEX row_bulletins ON feed.row (channel_id, position) WHERE bulletin AND walk = 0;

  ALTER TABLE feed.withdrawal ADD added_at timestamptz, ADD first_at timestamptz, ADD bulletin boolean NOT NULL DEFAULT false;
  UPDATE feed.withdrawal w SET added_at = c.added_at - (c.head - w.position) * interval '1 microsecond',
    first_at = c.added_at - (c.head - w.position) * interval '1 microsecond',
    bulletin = coalesce((SELECT r.bulletin FROM feed.row r WHERE r.row_id = w.row_id AND r.channel_id = w.channel_id), false)
    FROM feed.channel c WHERE c.channel_id = w.channel_id;
  UPDATE feed.row r SET first_at = w.first_at FROM feed.withdrawal w
    WHERE w.row_id = r.row_id AND w.channel_id = r.channel_id AND w.first_at < r.first_at;
  ALTER TABLE feed.withdrawal ALTER added_at SET NOT NULL, ALTER added_at SET DEFAULT now(), ALTER first_at SET NOT NULL, ALTER first_at SET DEFAULT now();

  GRANT SELECT, INSERT, UPDATE, DELETE ON feed.addition TO tocsin_delivery;
  GRANT SELECT ON feed.addition TO tocsin_platform_api;
`;

export class DatesOfPositions1700000000018 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(DATES);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      DROP INDEX feed.row_bulletins;
      ALTER TABLE feed.withdrawal DROP added_at, DROP first_at, DROP bulletin;
      ALTER TABLE feed.row DROP added_at, DROP first_at, DROP bulletin;
      DROP TABLE feed.addition;
      ALTER TABLE feed.channel DROP added_at;`);
  }
}
