import { randomBytes } from 'node:crypto';
import { rejection } from '#libs/domain';
import type { SignedCursors } from '../signed-cursors.js';

const DAY_MS = 86_400_000;
/** After so many days every challenge is closed, whether anything came of it or not. */
const DAYS_OPEN = 14;
const KIND = 'challenge';

/** What is told of a challenge; the same for all of a day, whatever is listed. */
export interface ChallengeStanding {
  reference: string;
  state: 'received' | 'closed';
  /** ISO 8601, a date of UTC. */
  closes_on: string;
  says: string;
}

const SAYS = {
  received:
    'If what you challenge is listed, somebody of another organisation than the one that listed it looks at it, usually within 24 hours. Whether it is listed is told to nobody.',
  closed: 'The time for looking at it is over. If something is still wrong, challenge it again.',
} as const;

/** Makes references that say by themselves what is told of a challenge, so that nothing has to be kept of it. */
export class ChallengeReferences {
  constructor(private readonly signed: SignedCursors) {}

  make(now: Date): ChallengeStanding {
    const day = now.toISOString().slice(0, 10);
    return this.standing(this.signed.sign(KIND, `${day}/${randomBytes(8).toString('hex')}`), day, now);
  }

  /** @throws a rejection `TOC_ACCESS_NOT_FOUND` for what was never given out */
  read(reference: string, now: Date): ChallengeStanding {
    let said: string;
    try {
      said = this.signed.open(KIND, reference);
    } catch {
      throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such reference');
    }
    return this.standing(reference, said.slice(0, 10), now);
  }

  private standing(reference: string, day: string, now: Date): ChallengeStanding {
    const closes = new Date(Date.parse(day) + DAYS_OPEN * DAY_MS);
    const state = now < closes ? 'received' : 'closed';
    return { reference, state, closes_on: closes.toISOString().slice(0, 10), says: SAYS[state] };
  }
}
