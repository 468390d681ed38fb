import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { query } from '#libs/persistence';
import { platformsOnChannels, type PlatformsOnChannels } from './alike-platforms.js';

/** How far one retraction has come, in numbers of platforms. No stage is taken for another. */
export interface RetractionReach {
  retraction_id: string;
  advisories: string[];
  reasons: string[];
  channels: string[];
  began_at: string;
  /** Whether it is known of all of it who had it; until then numbers grow. */
  followed: boolean;
  /** Rows of channels on which the word ended. */
  rows: number;
  /** Platforms that had the word; of those: that were given everything since that ends it; that said what they did. */
  had: number;
  told: number;
  confirmed: number;
  open: number;
  overdue: number;
  due_at?: string;
  /** To an agency: platforms on these channels of which it is not told here; operators follow them. */
  followed_by_operators?: { platforms: number; closed_by_statement: number };
  /** To operators and overseers: evidence apart, and the platforms' words with how many platforms said them, of how many rows. */
  sent?: number;
  fetched?: number;
  closed_by_statement?: number;
  outcomes?: { outcome: string; because?: string; platforms: number; rows: number }[];
  platforms: PlatformReach[];
  more: boolean;
}

/** How far it has come to one platform. */
export interface PlatformReach {
  platform_id: string;
  platform: string;
  told: boolean;
  confirmed: boolean;
  overdue: boolean;
  due_at?: string;
  escalated_at?: string;
  closed_by?: string;
  rows?: { had: number; sent: number; fetched: number; confirmed: number };
  desks?: unknown;
}

interface Facts {
  agency_id: string;
  advisories: string[];
  reasons: string[];
  channels: string[];
  began_at: Date;
  followed: boolean;
  rows: number;
}

const FACTS = `
  SELECT (array_agg(agency_id))[1] AS agency_id, array_agg(DISTINCT advisory_id::text) AS advisories, array_agg(DISTINCT reason) AS reasons,
    array_agg(DISTINCT channel_id) AS channels, min(ended_at) AS began_at, bool_and(followed_at IS NOT NULL) AS followed,
    sum(cardinality(row_ids))::integer AS rows
  FROM normaliser.word_end WHERE retraction_id = $1 HAVING count(*) > 0`;

/** What each platform owes of a retraction, on all of its channels together; an agency's answer leaves some out. */
const BY_PLATFORM = `
  SELECT d.platform_id, bool_and(d.told) AS told, bool_and(d.owed <@ d.sent) AS sent, bool_and(d.owed <@ d.fetched) AS fetched,
    bool_and(d.owed <@ d.confirmed) AS confirmed, bool_and(d.closed_at IS NOT NULL) AS closed,
    bool_or(d.closed_at IS NULL AND d.due_at <= now()) AS overdue, min(d.due_at) AS due_at, min(d.escalated_at) AS escalated_at,
    max(d.closed_by) AS closed_by,
    sum(platform_api.positions_in(d.owed))::integer AS rows_had, sum(platform_api.positions_in(d.sent))::integer AS rows_sent,
    sum(platform_api.positions_in(d.fetched))::integer AS rows_fetched, sum(platform_api.positions_in(d.confirmed))::integer AS rows_confirmed
  FROM platform_api.duty d
  WHERE d.retraction_id = $1
    AND ($2::text[] IS NULL OR EXISTS (SELECT FROM unnest($2::text[], $3::uuid[]) AS a(channel_id, platform_id)
          WHERE a.channel_id = d.channel_id AND a.platform_id = d.platform_id))
  GROUP BY d.platform_id`;

const COUNTS = `
  SELECT count(*)::integer AS had, count(*) FILTER (WHERE told)::integer AS told, count(*) FILTER (WHERE sent)::integer AS sent,
    count(*) FILTER (WHERE fetched)::integer AS fetched, count(*) FILTER (WHERE confirmed)::integer AS confirmed,
    count(*) FILTER (WHERE NOT closed)::integer AS open, count(*) FILTER (WHERE overdue)::integer AS overdue,
    count(*) FILTER (WHERE closed AND closed_by = 'statement')::integer AS stated, min(due_at) FILTER (WHERE NOT closed) AS due_at
  FROM (${BY_PLATFORM}) p`;

const PAGE = `
  SELECT p.*, o.name, o.desks FROM (${BY_PLATFORM}) p JOIN directory.organisation o ON o.id = p.platform_id
   WHERE ($4::uuid IS NULL OR p.platform_id > $4) ORDER BY p.platform_id LIMIT $5`;

const OUTCOMES = `
  SELECT outcome, because, count(DISTINCT platform_id)::integer AS platforms, sum(platform_api.positions_in(positions))::integer AS rows
    FROM platform_api.duty_word WHERE retraction_id = $1 AND positions <> '{}' GROUP BY outcome, because ORDER BY outcome, because`;

interface PlatformRow {
  platform_id: string;
  name: string;
  desks: unknown;
  told: boolean;
  confirmed: boolean;
  overdue: boolean;
  closed: boolean;
  due_at: Date;
  escalated_at: Date | null;
  closed_by: string | null;
  rows_had: number;
  rows_sent: number;
  rows_fetched: number;
  rows_confirmed: number;
}

interface Counts {
  had: number;
  told: number;
  sent: number;
  fetched: number;
  confirmed: number;
  open: number;
  overdue: number;
  stated: number;
  due_at: Date | null;
}

const PAGE_OF_PLATFORMS = 200;

/** Tells how far a retraction has come: its agency as far as it may know, operators and overseers all of it. */
@Injectable()
export class RetractionReachReader {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * @param after the last platform of the page before
   * @throws a rejection `TOC_ACCESS_NOT_FOUND`, the same for another agency's retraction as for none
   */
  async read(principal: Principal, retractionId: string, after?: string): Promise<RetractionReach> {
    const [facts] = await query<Facts>(this.database, FACTS, [retractionId]);
    const isAgency = principal.organisationKind === 'agency';
    if (isAgency) authorise(principal, 'retraction:follow', { organisationId: facts?.agency_id ?? retractionId });
    else authorise(principal, 'reach:read');
    if (!facts) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
    const known = isAgency ? await platformsOnChannels(this.database, facts.channels) : undefined;
    const of = [retractionId, known?.alike.channels ?? null, known?.alike.platforms ?? null];
    const [counts] = await query<Counts>(this.database, COUNTS, of);
    const found = await query<PlatformRow>(this.database, PAGE, [...of, after ?? null, PAGE_OF_PLATFORMS + 1]);
    const page = found.slice(0, PAGE_OF_PLATFORMS);
    const { had, told, confirmed, open, overdue } = counts as Counts;
    return {
      retraction_id: retractionId,
      ...{ advisories: facts.advisories, reasons: facts.reasons, channels: facts.channels },
      ...{ began_at: facts.began_at.toISOString(), followed: facts.followed, rows: facts.rows },
      ...{ had, told, confirmed, open, overdue },
      ...(counts?.due_at && { due_at: counts.due_at.toISOString() }),
      ...(known ? toAgency(known) : await this.toOperators(retractionId, counts as Counts)),
      platforms: page.map((row) => (known ? platformToAgency(row) : platformToOperators(row))),
      more: found.length > page.length,
    };
  }

  private async toOperators(
    retractionId: string,
    { sent, fetched, stated }: Counts,
  ): Promise<Partial<RetractionReach>> {
    const outcomes = await query<{ outcome: string; because: string; platforms: number; rows: number }>(
      this.database,
      OUTCOMES,
      [retractionId],
    );
    return {
      ...{ sent, fetched, closed_by_statement: stated },
      outcomes: outcomes.map(({ because, ...said }) => ({ ...said, ...(because !== '' && { because }) })),
    };
  }
}

function toAgency({ others, stated }: PlatformsOnChannels): Partial<RetractionReach> {
  return { followed_by_operators: { platforms: others, closed_by_statement: stated } };
}

/** What a platform said, and of how many rows, stays with operators: it would tell what it was told (I17). */
function platformToAgency({ platform_id, name: platform, told, confirmed, overdue }: PlatformRow): PlatformReach {
  return { platform_id, platform, told, confirmed, overdue };
}

function platformToOperators(row: PlatformRow): PlatformReach {
  return {
    ...platformToAgency(row),
    due_at: row.due_at.toISOString(),
    ...(row.escalated_at && { escalated_at: row.escalated_at.toISOString() }),
    ...(row.closed && row.closed_by && { closed_by: row.closed_by }),
    ...{ rows: { had: row.rows_had, sent: row.rows_sent, fetched: row.rows_fetched, confirmed: row.rows_confirmed } },
    desks: row.desks,
  };
}
