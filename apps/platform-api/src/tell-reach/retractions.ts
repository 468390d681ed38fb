import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { query } from '#libs/persistence';

/** A retraction in a list; its reach is asked for by its id. */
export interface RetractionListed {
  retraction_id: string;
  reasons: string[];
  began_at: string;
  rows: number;
}

/** A retraction on a channel whose clock ran out at a platform: somebody rings its desk. */
export interface OverdueDuty {
  retraction_id: string;
  platform_id: string;
  platform: string;
  desks: unknown;
  channel: string;
  due_at: string;
  escalated_at: string;
  rows: number;
  told: boolean;
}

const MOST = 100;

const listBy = (column: 'advisory_id' | 'proposal_id'): string => `
  SELECT retraction_id, (array_agg(agency_id))[1] AS agency_id, array_agg(DISTINCT reason) AS reasons, min(ended_at) AS began_at,
    sum(cardinality(row_ids))::integer AS rows, max(id) AS last
  FROM normaliser.word_end WHERE ${column} = $1
  GROUP BY retraction_id HAVING $2::bigint IS NULL OR max(id) < $2 ORDER BY max(id) DESC LIMIT ${MOST + 1}`;

const OVERDUE = `
  SELECT d.retraction_id, d.platform_id, o.name AS platform, o.desks, d.channel_id AS channel, d.due_at, d.escalated_at,
    platform_api.positions_in(d.owed - d.confirmed)::integer AS rows, d.told
  FROM platform_api.duty d JOIN directory.organisation o ON o.id = d.platform_id
  WHERE d.closed_at IS NULL AND d.escalated_at IS NOT NULL
    AND ($1::timestamptz IS NULL OR (d.due_at, d.retraction_id, d.platform_id, d.channel_id) > ($1, $2::uuid, $3::uuid, $4::text))
  ORDER BY d.due_at, d.retraction_id, d.platform_id, d.channel_id LIMIT ${MOST + 1}`;

interface ListedRow extends Omit<RetractionListed, 'began_at'> {
  agency_id: string;
  began_at: Date;
  last: string;
}

/** Lists retractions: of an advisory, of what two operators decided, or those whose clock ran out. */
@Injectable()
export class RetractionLists {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /**
   * Newest first. An advisory that is another agency's looks like one of which nothing was ever taken back.
   * @param before `next` of the page before
   */
  async list(
    principal: Principal,
    by: { advisory?: string; proposal?: string },
    before?: string,
  ): Promise<{ retractions: RetractionListed[]; next?: string }> {
    const isAgency = principal.organisationKind === 'agency';
    const { advisory, proposal } = by;
    if (isAgency) authorise(principal, 'retraction:follow', { organisationId: principal.organisationId });
    else authorise(principal, 'reach:read');
    const subject = advisory ?? proposal;
    if (subject === undefined || (isAgency && !advisory))
      throw rejection('TOC_REQUEST_PARAMETER', 'the list is that of an advisory or of a proposal');
    const sql = listBy(advisory ? 'advisory_id' : 'proposal_id');
    const rows = await query<ListedRow>(this.database, sql, [subject, before ?? null]);
    const own = rows.filter(({ agency_id }) => !isAgency || agency_id === principal.organisationId);
    const page = own.slice(0, MOST);
    const last = page.at(-1);
    return {
      retractions: page.map(({ retraction_id, reasons, began_at, rows: ended }) => ({
        ...{ retraction_id, reasons, began_at: began_at.toISOString(), rows: ended },
      })),
      ...(own.length > MOST && last && { next: last.last }),
    };
  }

  /** Those that wait longest first. @param after `next` of the page before */
  async overdue(principal: Principal, after?: string): Promise<{ overdue: OverdueDuty[]; next?: string }> {
    authorise(principal, 'reach:read');
    const [dueAt = null, retraction = null, platform = null, channel = null] = after?.split('_') ?? [];
    const rows = await query<OverdueDuty & { due_at: Date; escalated_at: Date }>(this.database, OVERDUE, [
      ...[dueAt, retraction, platform, channel],
    ]);
    const page = rows.slice(0, MOST).map((row) => ({
      ...row,
      ...{ due_at: row.due_at.toISOString(), escalated_at: row.escalated_at.toISOString() },
    }));
    const last = page.at(-1);
    const next = last && `${last.due_at}_${last.retraction_id}_${last.platform_id}_${last.channel}`;
    return { overdue: page, ...(rows.length > MOST && next && { next }) };
  }
}
