import type { DataSource, EntityManager } from 'typeorm';
import { v7 as uuid } from 'uuid';
import {
  formBlocks,
  LEAST_GROUPS,
  LEAST_PLATFORMS,
  lastEndedPeriod,
  type Block,
  type OutcomeCell,
  type Period,
} from '#libs/domain';
import { changeState } from '#libs/persistence';

const LOOK_AGAIN_MS = 60_000;
/** Most rows whose blocks are formed in one transaction. */
const ROWS_AT_ONCE = 500;

/** Open answers about one row, on one channel, in one cell. */
interface Pool {
  channel_id: string;
  row_id: string;
  cell: OutcomeCell;
}

interface OpenRow extends Pool {
  platform_id: string;
  group: string;
  advisories: string[];
}

/** What came of one transaction: whether the period is closed, else the last pool that was looked at. */
interface Chunk {
  closed: boolean;
  after?: Pool;
}

/** A platform's corporate group; one that has none is a group of its own, which no word can name. */
const GROUP = `coalesce('group/' || g.corporate_group, 'platform/' || g.id)`;

/**
 * Closes each week of UTC once, after it has ended: forms blocks of what was taken before its end. What comes later, or
 * is not enough yet, waits for a later one; what was published never changes.
 */
export class OutcomePeriods {
  private after?: Pool;

  constructor(
    private readonly database: DataSource,
    private readonly clock: () => Date = () => new Date(),
  ) {}

  /** One chunk. @returns what the loop does next: again at once, or milliseconds to wait */
  async step(): Promise<'again' | number> {
    const now = this.clock();
    const period = lastEndedPeriod(now);
    const last = await changeState<Chunk>(this.database, 'normaliser', async (manager) => {
      const since = await beginClosing(manager, period);
      if (since === undefined) return { result: { closed: true }, audit: undefined };
      const pools = await readPools(manager, period, since, this.after);
      const blocks = await formIn(manager, period, pools);
      const closed = pools.length < ROWS_AT_ONCE;
      if (closed)
        await manager.query('UPDATE normaliser.outcome_period SET closed_at = $2 WHERE begins = $1', [
          ...[dateOf(period), now],
        ]);
      const audit = {
        actor: 'service:normaliser',
        action: closed ? 'close-outcome-period' : 'form-outcome-blocks',
        subject: `outcome-period/${dateOf(period)}`,
        detail: { blocks },
      };
      return { result: { closed, after: pools.at(-1) }, audit };
    });
    this.after = last.closed ? undefined : last.after;
    return last.closed ? LOOK_AGAIN_MS : 'again';
  }
}

function dateOf({ from }: Period): string {
  return from.toISOString().slice(0, 10);
}

/** @returns the end of the period that was closed last; undefined when this one is closed, or being closed by somebody else */
async function beginClosing(manager: EntityManager, period: Period): Promise<Date | undefined> {
  await manager.query('INSERT INTO normaliser.outcome_period (begins) VALUES ($1) ON CONFLICT DO NOTHING', [
    dateOf(period),
  ]);
  const [open] = await manager.query<{ since: Date | null }[]>(
    `SELECT (SELECT (max(begins) + 7)::timestamp AT TIME ZONE 'UTC' FROM normaliser.outcome_period
              WHERE closed_at IS NOT NULL AND begins < $1) AS since
       FROM normaliser.outcome_period WHERE begins = $1 AND closed_at IS NULL FOR UPDATE SKIP LOCKED`,
    [dateOf(period)],
  );
  return open && (open.since ?? new Date(0));
}

/** Those that something came to since the last close and that may be enough, in the order of their keys. */
function readPools(manager: EntityManager, period: Period, since: Date, after?: Pool): Promise<Pool[]> {
  return manager.query<Pool[]>(
    `SELECT o.channel_id, o.row_id, o.cell
       FROM (SELECT DISTINCT channel_id, row_id, cell FROM normaliser.outcome
              WHERE block_id IS NULL AND taken_at >= $1 AND taken_at < $2) touched
       JOIN normaliser.outcome o USING (channel_id, row_id, cell)
       JOIN directory.organisation g ON g.id = o.platform_id
      WHERE o.block_id IS NULL AND o.taken_at < $2
        AND ($3::text IS NULL OR (o.channel_id, o.row_id, o.cell) > ($3, $4::uuid, $5::text))
      GROUP BY o.channel_id, o.row_id, o.cell
     HAVING count(*) >= ${LEAST_PLATFORMS} AND count(DISTINCT ${GROUP}) >= ${LEAST_GROUPS}
      ORDER BY o.channel_id, o.row_id, o.cell LIMIT ${ROWS_AT_ONCE}`,
    [since, period.until, after?.channel_id ?? null, after?.row_id ?? null, after?.cell ?? null],
  );
}

/** @returns how many blocks were formed */
async function formIn(manager: EntityManager, period: Period, pools: readonly Pool[]): Promise<number> {
  if (pools.length === 0) return 0;
  const open = await manager.query<OpenRow[]>(
    `SELECT o.channel_id, o.row_id, o.cell, o.platform_id, o.advisories, ${GROUP} AS "group"
       FROM normaliser.outcome o JOIN directory.organisation g ON g.id = o.platform_id
      WHERE (o.channel_id, o.row_id, o.cell) IN (SELECT * FROM unnest($1::text[], $2::uuid[], $3::text[]))
        AND o.block_id IS NULL AND o.taken_at < $4
      ORDER BY o.channel_id, o.row_id, o.kind, o.platform_id FOR UPDATE OF o`,
    [
      pools.map(({ channel_id }) => channel_id),
      pools.map(({ row_id }) => row_id),
      pools.map(({ cell }) => cell),
      period.until,
    ],
  );
  const byPool = Map.groupBy(open, ({ channel_id, row_id, cell }) => `${channel_id}\0${row_id}\0${cell}`);
  const formed = [...byPool.values()].flatMap((rows) =>
    formBlocks(rows.map(({ platform_id, group, advisories }) => ({ platformId: platform_id, group, advisories }))).map(
      (block) => ({ id: uuid(), pool: rows[0] as Pool, block }),
    ),
  );
  await insertBlocks(manager, period, formed);
  return formed.length;
}

async function insertBlocks(
  manager: EntityManager,
  period: Period,
  formed: readonly { id: string; pool: Pool; block: Block }[],
): Promise<void> {
  if (formed.length === 0) return;
  await manager.query(
    `INSERT INTO normaliser.outcome_block (id, period, row_id, cell, platforms)
     SELECT b.id, $5, b.row_id, b.cell, b.platforms
       FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::integer[]) AS b(id, row_id, cell, platforms)`,
    [
      formed.map(({ id }) => id),
      formed.map(({ pool }) => pool.row_id),
      formed.map(({ pool }) => pool.cell),
      formed.map(({ block }) => block.platformIds.length),
      dateOf(period),
    ],
  );
  const seen = formed.flatMap(({ id, block }) => block.advisories.map((advisory) => ({ id, advisory })));
  await manager.query(
    `INSERT INTO normaliser.outcome_block_advisory (advisory_id, period, block_id)
     SELECT a.advisory_id, $3, a.block_id FROM unnest($1::uuid[], $2::uuid[]) AS a(advisory_id, block_id)`,
    [seen.map(({ advisory }) => advisory), seen.map(({ id }) => id), dateOf(period)],
  );
  const members = formed.flatMap(({ id, pool, block }) =>
    block.platformIds.map((platform_id) => ({ ...pool, platform_id, block_id: id })),
  );
  await manager.query(
    `UPDATE normaliser.outcome o SET block_id = m.block_id
       FROM jsonb_to_recordset($1) AS m(channel_id text, row_id uuid, cell text, platform_id uuid, block_id uuid)
      WHERE o.channel_id = m.channel_id AND o.row_id = m.row_id AND o.cell = m.cell AND o.platform_id = m.platform_id`,
    [JSON.stringify(members)],
  );
}
