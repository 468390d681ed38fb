/** Parts that every app's schema has in the same shape: the outbox, the audit rows, the dead letters. */

/**
 * One row is the finished records of one chunk and topic, as bytes; the relay reads and marks. The unpublished ones
 * are found by a partial index, so the cost of looking does not grow with what was published before.
 */
export function outboxTable(schema: string): string {
  return `
    CREATE TABLE ${schema}.outbox (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      lane smallint NOT NULL,
      topic text NOT NULL,
      records integer NOT NULL,
      frames bytea NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      published_at timestamptz,
      -- Keys that Kafka will never take; the row is then kept for a person.
      refused_keys text[]
    );
    ALTER TABLE ${schema}.outbox ALTER COLUMN frames SET STORAGE EXTERNAL;
    CREATE INDEX outbox_unpublished ON ${schema}.outbox (lane, id) WHERE published_at IS NULL;
    CREATE INDEX outbox_published ON ${schema}.outbox (published_at) WHERE published_at IS NOT NULL AND refused_keys IS NULL;
    CREATE INDEX outbox_refused ON ${schema}.outbox (id) WHERE refused_keys IS NOT NULL;
    GRANT SELECT, DELETE ON ${schema}.outbox TO tocsin_relay;
    GRANT UPDATE (published_at, refused_keys) ON ${schema}.outbox TO tocsin_relay;`;
}

/**
 * Who did what and why, one row a transaction (I12): \`tx\` is unique, so a second row in the same transaction fails.
 * \`commitment\` is SHA-256 over salt and detail; erasing both leaves the row verifiable as having been there.
 */
export function auditTable(schema: string): string {
  return `
    CREATE TABLE ${schema}.audit (
      id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      tx xid8 NOT NULL DEFAULT pg_current_xact_id(),
      at timestamptz NOT NULL DEFAULT now(),
      actor text NOT NULL,
      action text NOT NULL,
      subject text NOT NULL,
      reason text,
      detail text,
      salt bytea,
      commitment bytea NOT NULL,
      CONSTRAINT one_audit_row_a_transaction UNIQUE (tx)
    );
    CREATE INDEX audit_subject ON ${schema}.audit (subject, id);`;
}

/** Messages and items that could not be worked on, kept for a person. */
export function deadLetterTable(schema: string): string {
  return `
    CREATE TABLE ${schema}.dead_letter (
      id uuid PRIMARY KEY,
      source text NOT NULL,
      position text NOT NULL,
      code text NOT NULL,
      detail text NOT NULL,
      key bytea,
      payload bytea,
      headers jsonb NOT NULL DEFAULT '{}',
      at timestamptz NOT NULL DEFAULT now(),
      replayed_at timestamptz,
      UNIQUE (source, position)
    );`;
}
