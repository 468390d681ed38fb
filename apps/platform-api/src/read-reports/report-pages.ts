import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import type { ExploitationReport } from '#libs/domain';
import { query } from '#libs/persistence';
import type { ReportShown } from './report.dto.js';

const MOST_REPORTS = 100;

interface ReportRow {
  id: string;
  said: ExploitationReport;
  day: string;
  platform: string | null;
}

/** What agencies read of how services were abused, without whose service it was unless it says so. */
@Injectable()
export class ReportPages {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /** In the order in which they came. @param after the last report of the page before */
  async read(principal: Principal, after?: string): Promise<{ reports: ReportShown[]; more: boolean }> {
    authorise(principal, 'report:read');
    const rows = await query<ReportRow>(
      this.database,
      `SELECT f.id, f.said, (f.received_at AT TIME ZONE 'UTC')::date::text AS day,
              CASE WHEN f.said->'named' = 'true' THEN g.name END AS platform
         FROM platform_api.feedback f JOIN directory.organisation g ON g.id = f.platform_id
        WHERE f.kind = 'exploitation-report' AND f.said->'readers' ? 'agencies' AND ($1::uuid IS NULL OR f.id > $1)
        ORDER BY f.id LIMIT ${MOST_REPORTS + 1}`,
      [after ?? null],
    );
    return { reports: rows.slice(0, MOST_REPORTS).map(showReport), more: rows.length > MOST_REPORTS };
  }
}

/** Field by field; neither the platform nor the moment is told, unless the platform wants to be named. */
function showReport({ id, said, day, platform }: ReportRow): ReportShown {
  const { harm, feature, technique, scale, trend, language, text } = said;
  return {
    ...{ id, day, harm, feature, technique, scale, trend },
    ...(language === undefined ? {} : { language }),
    ...(text === undefined ? {} : { text }),
    ...(platform === null ? {} : { platform }),
  };
}
