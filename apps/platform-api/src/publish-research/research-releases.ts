import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { authorise, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { changeState, query, withoutAudit } from '#libs/persistence';
import { endedQuarters, quarterNamed, type Quarter } from './quarter.js';
import { countQuarter } from './research-release.js';
import type { Groups } from './withhold-platforms.js';

const LOOK_AGAIN_MS = 3_600_000;
/** After the end of a quarter, so that nothing of it is still being written. */
const WAIT_MS = 7 * 86_400_000;

/** A release as it is listed. */
export interface ListedRelease {
  quarter: string;
  published_at: Date;
  /** Of its bytes, in hex. */
  sha256: string;
}

/** Whether a release comes out the same when it is counted again. */
export interface ResearchProof {
  quarter: string;
  sha256: string;
  rebuilt_sha256: string;
  same: boolean;
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');

const GROUPS = `
  SELECT coalesce(jsonb_object_agg(id, coalesce('group/' || corporate_group, 'platform/' || id)), '{}') AS groups
    FROM directory.organisation WHERE kind = 'platform'`;

async function bodyOf(manager: EntityManager, quarter: Quarter, groups: Groups): Promise<string> {
  // Four times a year, and longer than any request may take.
  await manager.query(`SET LOCAL statement_timeout = '10min'`);
  return `${JSON.stringify(await countQuarter(manager, quarter, groups), null, 2)}\n`;
}

/** Publishes each quarter once, a week after its end. */
export class ResearchPublisher {
  constructor(
    private readonly database: DataSource,
    private readonly clock: () => Date = () => new Date(),
  ) {}

  /** One quarter, the oldest that is missing. @returns what the loop does next */
  async step(): Promise<'again' | number> {
    const [next] = await this.missing();
    if (!next) return LOOK_AGAIN_MS;
    await changeState(this.database, 'platform_api', async (manager) => {
      const [{ groups } = { groups: {} }] = await manager.query<{ groups: Groups }[]>(GROUPS);
      const body = await bodyOf(manager, next, groups);
      const published = await manager.query<object[]>(
        `INSERT INTO platform_api.research_release (quarter, body, sha256, groups) VALUES ($1, $2, $3, $4)
         ON CONFLICT DO NOTHING RETURNING quarter`,
        [next.name, body, sha256(body), groups],
      );
      const audit = {
        actor: 'service:platform-api',
        action: 'publish-research-release',
        subject: `research-release/${next.name}`,
        detail: { sha256: sha256(body) },
      };
      return { result: undefined, audit: published.length > 0 ? audit : undefined };
    });
    return 'again';
  }

  private async missing(): Promise<Quarter[]> {
    const [known] = await query<{ first: Date | null; published: string[] }>(
      this.database,
      `SELECT (SELECT min(at) FROM normaliser.research_fact) AS first,
         ARRAY(SELECT quarter FROM platform_api.research_release) AS published`,
    );
    if (!known?.first) return [];
    const ended = endedQuarters(known.first, new Date(this.clock().getTime() - WAIT_MS));
    return ended.filter(({ name }) => !known.published.includes(name));
  }
}

/** Gives releases to anybody, and counts one again for operators and overseers. */
@Injectable()
export class ResearchReleases {
  constructor(@Inject(DataSource) private readonly database: DataSource) {}

  /** Newest first. */
  list(): Promise<ListedRelease[]> {
    return query<ListedRelease>(
      this.database,
      'SELECT quarter, published_at, sha256 FROM platform_api.research_release ORDER BY quarter DESC',
    );
  }

  /** @returns its bytes as they were published. @throws a rejection `TOC_ACCESS_NOT_FOUND` */
  async read(quarter: string): Promise<{ body: string; sha256: string }> {
    const [release] = await query<{ body: string; sha256: string }>(
      this.database,
      'SELECT body, sha256 FROM platform_api.research_release WHERE quarter = $1',
      [quarter],
    );
    if (!release) throw absent();
    return release;
  }

  /** @throws rejections `TOC_ACCESS_FORBIDDEN`, `TOC_ACCESS_NOT_FOUND` */
  async prove(principal: Principal, name: string): Promise<ResearchProof> {
    authorise(principal, 'audit:read');
    const [published] = await query<{ sha256: string; groups: Groups }>(
      this.database,
      'SELECT sha256, groups FROM platform_api.research_release WHERE quarter = $1',
      [name],
    );
    const quarter = quarterNamed(name);
    if (!published || !quarter) throw absent();
    const rebuilt = sha256(await withoutAudit(this.database, (manager) => bodyOf(manager, quarter, published.groups)));
    const same = published.sha256 === rebuilt;
    return { quarter: name, sha256: published.sha256, rebuilt_sha256: rebuilt, same };
  }
}

function absent(): Error {
  return rejection('TOC_ACCESS_NOT_FOUND', 'there is no release of such a quarter');
}
