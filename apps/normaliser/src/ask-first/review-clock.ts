import type { DataSource } from 'typeorm';
import { TocsinError } from '#libs/domain';
import { query } from '#libs/persistence';
import type { Holds } from '../hold-for-a-person/holds.js';

const LOOK_AGAIN_MS = 5_000;
const AT_ONCE = 50;

/** Lets items go whose time has run out without anybody refusing them. */
export class ReviewClock {
  constructor(
    private readonly database: DataSource,
    private readonly holds: Holds,
  ) {}

  /** @returns milliseconds to wait */
  async step(): Promise<number> {
    const due = await query<{ id: string }>(
      this.database,
      `SELECT id FROM normaliser.hold WHERE state = 'open' AND due_at <= now() ORDER BY due_at LIMIT ${AT_ONCE}`,
    );
    for (const { id } of due) {
      await this.holds.releaseDue(id).catch((thrown: unknown) => {
        // Decided meanwhile, or its submission is being read again: it is looked at anew.
        if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
      });
    }
    return LOOK_AGAIN_MS;
  }
}
