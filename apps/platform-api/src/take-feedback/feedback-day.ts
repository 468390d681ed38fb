import type { EntityManager } from 'typeorm';

/** How much a platform may answer on a day of UTC. */
export class FeedbackQuota {
  constructor(
    readonly items: number,
    readonly disputes: number,
  ) {}
}

/** What is left of a platform's day. Its row stays locked to the end of the transaction. */
export class FeedbackDay {
  private items = 0;
  private disputes = 0;

  private constructor(
    private readonly manager: EntityManager,
    private readonly platformId: string,
    private readonly day: string,
    private readonly left: { items: number; disputes: number },
  ) {}

  static async open(manager: EntityManager, platformId: string, now: Date, most: FeedbackQuota): Promise<FeedbackDay> {
    const day = now.toISOString().slice(0, 10);
    const [used] = await manager.query<{ items: number; disputes: number }[]>(
      `INSERT INTO platform_api.feedback_day AS d (platform_id, day) VALUES ($1, $2)
       ON CONFLICT (platform_id, day) DO UPDATE SET items = d.items RETURNING items, disputes`,
      [platformId, day],
    );
    const left = { items: most.items - (used?.items ?? 0), disputes: most.disputes - (used?.disputes ?? 0) };
    return new FeedbackDay(manager, platformId, day, left);
  }

  /** @returns whether one more may be answered; then it counts */
  admit(isDispute: boolean): boolean {
    if (this.items >= this.left.items || (isDispute && this.disputes >= this.left.disputes)) return false;
    this.items += 1;
    if (isDispute) this.disputes += 1;
    return true;
  }

  async close(): Promise<void> {
    await this.manager.query(
      `UPDATE platform_api.feedback_day SET items = items + $3, disputes = disputes + $4
        WHERE platform_id = $1 AND day = $2`,
      [this.platformId, this.day, this.items, this.disputes],
    );
  }
}
