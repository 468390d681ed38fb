import type { DataSource, EntityManager } from 'typeorm';
import { LONGEST_RANGE, type Ledger } from '#libs/feed';
import { changeState, query } from '#libs/persistence';
import { statesAll } from '../close-duties/states-all.js';
import { confirmOwed } from './confirm-owed.js';
import type { DutyClock } from './duty-clock.js';
import { dutiesOfChannel } from './duty-locks.js';

/** What one chunk of a retraction took off one channel, as the normaliser notes it. */
interface WordEnd {
  id: string;
  retraction_id: string;
  agency_id: string;
  reason: string;
  channel_id: string;
  ended_at: Date;
  emergency: boolean;
}

const NEXT = `
  SELECT e.id, e.retraction_id, e.agency_id, e.reason, e.channel_id, e.ended_at, coalesce(c.priority = 'emergency', false) AS emergency
    FROM normaliser.word_end e LEFT JOIN directory.channel c ON c.id = e.channel_id
   WHERE e.followed_at IS NULL AND e.look_at <= now() ORDER BY e.look_at LIMIT 1 FOR UPDATE OF e SKIP LOCKED`;

/** Whether the feed has every row as it was written with the end of the word, or later. */
const ARRIVED = `
  SELECT NOT EXISTS (
    SELECT FROM normaliser.word_end e, unnest(e.row_ids, e.ended) AS u(row_id, ended)
      LEFT JOIN LATERAL (SELECT version FROM feed.row r WHERE r.row_id = u.row_id AND r.channel_id = e.channel_id LIMIT 1) r ON true
     WHERE e.id = $1 AND (r.version IS NULL OR r.version < u.ended)) AS arrived`;

/** Looked at again later the longer it takes: a record that Kafka never takes must not keep the others waiting. */
const LATER = `
  UPDATE normaliser.word_end SET look_at = now() + least(interval '60 seconds', greatest($2::interval, (now() - ended_at) / 4))
   WHERE id = $1`;

const shownBy = (ledger: Ledger): string => `
  SELECT d.from_position, d.to_position FROM ${ledger}.disclosed d
   WHERE d.subscription_id = s.id AND d.channel_id = $2 AND d.live AND d.to_position >= span.lowest
     AND d.from_position BETWEEN span.lowest - ${LONGEST_RANGE} AND span.highest`;

/**
 * Positions of each row are followed back one by one, from the newest to the first that carried the word. Who was shown
 * any of those as live had the word; what is owed is counted at the first position without it.
 */
const OPEN = `
  WITH RECURSIVE gone AS (
    SELECT u.item, u.row_id, u.began, u.ended FROM normaliser.word_end e,
      unnest(e.row_ids, e.began, e.ended) WITH ORDINALITY AS u(row_id, began, ended, item) WHERE e.id = $1
  ), chain AS (
    SELECT g.item, g.began, g.ended, p.position, p.previous, p.version FROM gone g
      CROSS JOIN LATERAL (SELECT position FROM feed.row WHERE row_id = g.row_id AND channel_id = $2 LIMIT 1) r
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $2 AND position = r.position LIMIT 1) p
    UNION ALL
    SELECT c.item, c.began, c.ended, p.position, p.previous, p.version FROM chain c
      CROSS JOIN LATERAL (SELECT position, previous, version FROM feed.position WHERE channel_id = $2 AND position = c.previous LIMIT 1) p
     WHERE c.version > c.began
  ), during AS (
    SELECT item, position FROM chain WHERE version >= began AND version < ended
  ), ending AS (
    SELECT item, min(position) AS position FROM chain WHERE version >= ended GROUP BY item
  ), span AS (
    SELECT min(position) AS lowest, max(position) AS highest FROM during
  ), shown AS (
    SELECT s.platform_id, range_agg(int8range(d.from_position, d.to_position, '[]')) AS positions
      FROM span, directory.subscription s CROSS JOIN LATERAL (${shownBy('delivery')} UNION ALL ${shownBy('platform_api')}) d
     GROUP BY s.platform_id
  ), owing AS (
    SELECT h.platform_id, range_agg(int8range(e.position, e.position, '[]')) AS owed
      FROM (SELECT DISTINCT shown.platform_id, u.item FROM shown JOIN during u ON shown.positions @> u.position) h
      JOIN ending e USING (item) GROUP BY h.platform_id
  ), opened AS (
    INSERT INTO platform_api.duty AS d (retraction_id, channel_id, platform_id, agency_id, owed, due_at)
    SELECT $3, $2, platform_id, $4, owed, $5 FROM owing ORDER BY platform_id
    ON CONFLICT (retraction_id, platform_id, channel_id) DO UPDATE SET owed = d.owed + excluded.owed,
      told = false, look_at = now(), closed_at = NULL, closed_by = NULL,
      -- What was closed begins anew, also its clock.
      due_at = CASE WHEN d.closed_at IS NULL THEN least(d.due_at, excluded.due_at) ELSE excluded.due_at END,
      escalated_at = CASE WHEN d.closed_at IS NULL THEN d.escalated_at END
    RETURNING platform_id
  )
  SELECT platform_id FROM opened`;

/** Confirmations that came before anybody knew that they were owed. */
const EARLY = `
  SELECT f.platform_id, f.row_id, (f.said->>'version')::integer AS version, f.said->>'outcome' AS outcome, f.said->>'because' AS because
    FROM normaliser.word_end e, unnest(e.row_ids, e.ended) AS u(row_id, ended)
    JOIN platform_api.feedback f ON f.row_id = u.row_id AND f.kind = 'confirmation'
   WHERE e.id = $1 AND f.channel_id = e.channel_id AND (f.said->>'version')::bigint >= u.ended AND f.platform_id = ANY ($2)
   ORDER BY f.platform_id, f.received_at, f.id`;

/**
 * After a platform has left and stated, by what it signed, what became of everything, nobody waits for its word; a statement from
 * before it came back says nothing of what it had since.
 */
const STATED = `
  UPDATE platform_api.duty d SET closed_at = now(), closed_by = 'statement'
   WHERE d.retraction_id = $1 AND d.channel_id = $2 AND d.platform_id = ANY ($3) AND d.closed_at IS NULL
     AND EXISTS (SELECT FROM platform_api.closing_statement c WHERE c.platform_id = d.platform_id AND ${statesAll('c')})
     AND NOT EXISTS (SELECT FROM directory.subscription s WHERE s.platform_id = d.platform_id AND s.state <> 'left')`;

/** Finds out which platforms have to be told of the end of words, and writes it down as what they owe. */
export class DutyOpener {
  constructor(
    private readonly database: DataSource,
    private readonly clock: DutyClock,
  ) {}

  /** One chunk of a retraction. @returns whether there was one */
  async step(): Promise<boolean> {
    let taken: WordEnd | undefined;
    try {
      return await changeState(this.database, 'platform_api', async (manager) => {
        const [next] = await manager.query<WordEnd[]>(NEXT);
        taken = next;
        return next ? this.follow(manager, next) : { result: false, audit: undefined };
      });
    } catch (thrown) {
      // One that fails must not be the first again: the others would wait for it.
      if (taken) await query(this.database, LATER, [taken.id, '5 seconds']);
      throw thrown;
    }
  }

  private async follow(manager: EntityManager, next: WordEnd) {
    const [feed] = await manager.query<{ arrived: boolean }[]>(ARRIVED, [next.id]);
    if (!feed?.arrived) {
      await manager.query(LATER, [next.id, '200 milliseconds']);
      return { result: true, audit: undefined };
    }
    const platforms = await this.open(manager, next);
    await manager.query('UPDATE normaliser.word_end SET followed_at = now() WHERE id = $1', [next.id]);
    const audit = {
      actor: 'service:platform-api',
      action: 'open-duties',
      subject: `retraction/${next.retraction_id}`,
      reason: next.reason,
      detail: { channel: next.channel_id, word_end: next.id, platforms: platforms.length },
    };
    return { result: true, audit };
  }

  private async open(manager: EntityManager, end: WordEnd): Promise<string[]> {
    // A confirmation that comes meanwhile waits, and then finds what is owed.
    await dutiesOfChannel(manager, end.channel_id, 'alone');
    const opened = await manager.query<{ platform_id: string }[]>(OPEN, [
      ...[end.id, end.channel_id, end.retraction_id, end.agency_id],
      this.clock.dueAt(end.ended_at, end),
    ]);
    const platforms = opened.map(({ platform_id }) => platform_id);
    if (platforms.length === 0) return platforms;
    const early = await manager.query<EarlyWord[]>(EARLY, [end.id, platforms]);
    for (const [platformId, said] of Map.groupBy(early, ({ platform_id }) => platform_id))
      await confirmOwed(manager, platformId, end.channel_id, said);
    await manager.query(STATED, [end.retraction_id, end.channel_id, platforms]);
    return platforms;
  }
}

interface EarlyWord {
  platform_id: string;
  row_id: string;
  version: number;
  outcome: string;
  because: string | null;
}
