import type { EntityManager } from 'typeorm';
import type { Ledger } from './ledger.js';
import type { RowRules } from './judge-row.js';
import type { Outgoing } from './outgoing.js';

/** For whom records are chosen, and how many. */
export interface Choice {
  manager: EntityManager;
  ledger: Ledger;
  subscriptionId: string;
  channelId: string;
  revision: number;
  rules: RowRules;
  limits: { records: number; bytes: number };
  /** Chooses the ends of rows also where their receipt says that they were told. */
  repeatsEnds?: boolean;
}

/** A row that is not sent until a stop is lifted. */
export interface Waiting {
  rowId: string;
  position: bigint;
}

/** What was found beyond a cursor. */
export interface Chosen {
  outgoing: Outgoing[];
  waiting: Waiting[];
  /** Position of the last record looked at: the cursor goes there. */
  until: bigint;
}

/** A record of the feed as the walks read it. */
export interface FeedRow {
  position: string;
  row_id: string;
  version: number;
  event_id: string;
  live: boolean;
  record: string;
}

/**
 * The head of a walk bounded in records and bytes: `inner` selects at most `$limit` records in order of position; of
 * these as many are taken as fit, at least one. Sizes are told without reading what is stored out of line.
 */
export function bounded(inner: string, bytesParameter: string): string {
  return `
    SELECT * FROM (
      SELECT r.*, sum(octet_length(record)) OVER (ORDER BY position) AS bytes, row_number() OVER (ORDER BY position) AS nth
      FROM (${inner}) r
    ) s WHERE bytes <= ${bytesParameter} OR nth = 1 ORDER BY position`;
}
