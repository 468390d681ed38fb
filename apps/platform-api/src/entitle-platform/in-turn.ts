import { setTimeout as sleep } from 'node:timers/promises';
import { TocsinError } from '#libs/domain';

/** Longest wait for a turn, and between two looks whether it has come. */
const PATIENCE_MS = 10_000;
const LOOK_MS = 20;

/** Another read of the same channel by the same subscription is under way. */
export class NotYourTurn extends TocsinError {
  constructor() {
    super('TOC_REQUEST_TOO_MANY', 'another read of this channel is under way');
  }
}

/**
 * Runs a transaction that discloses, again and again until it is its turn. Nobody holds a connection while waiting, so that
 * the many reads of one platform cost the others nothing.
 * @throws NotYourTurn when its turn does not come in time
 */
export async function inTurn<Result>(transaction: () => Promise<Result>): Promise<Result> {
  for (const until = Date.now() + PATIENCE_MS; ;) {
    try {
      return await transaction();
    } catch (thrown) {
      if (!(thrown instanceof NotYourTurn) || Date.now() > until) throw thrown;
      await sleep(LOOK_MS * (0.5 + Math.random()));
    }
  }
}
