import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { v7 as uuid } from 'uuid';
import { readChallenge, rejection, transient, type Challenge } from '#libs/domain';
import { changeState } from '#libs/persistence';
import { smuggledIn } from '../take-feedback/smuggled.js';
import { AddressQuota } from './address-quota.js';
import { ChallengeReferences, type ChallengeStanding } from './challenge-references.js';

/** How much the desk takes. */
export class DeskQuota {
  constructor(
    readonly aDay: number,
    readonly anHourOfAnAddress: number,
    /** How many proxies of ours are in front, each of which names who asked it. */
    readonly proxies: number,
  ) {}
}

/**
 * Takes challenges of people without an account. Nothing that is done before the answer depends on what is listed: it is
 * looked up later, by the normaliser.
 */
@Injectable()
export class ChallengeTaker {
  private readonly addresses: AddressQuota;

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly references: ChallengeReferences,
    private readonly quota: DeskQuota,
  ) {
    this.addresses = new AddressQuota(quota.anHourOfAnAddress);
  }

  /**
   * @throws rejections `TOC_REQUEST_PARAMETER`, `TOC_FEEDBACK_PEOPLE_DATA`; a transient `TOC_CHALLENGE_QUOTA`
   */
  async take(given: unknown, address: string): Promise<ChallengeStanding> {
    this.addresses.admit(address);
    const challenge = judge(given);
    const now = new Date();
    await changeState(this.database, 'platform_api', async (manager) => {
      const [today] = await manager.query<{ received: number }[]>(
        `INSERT INTO platform_api.challenge_day AS d (day, received) VALUES ($1, 1)
         ON CONFLICT (day) DO UPDATE SET received = d.received + 1 WHERE d.received < $2 RETURNING received`,
        [now.toISOString().slice(0, 10), this.quota.aDay],
      );
      if (!today) throw transient('TOC_CHALLENGE_QUOTA', 'the desk has taken as many challenges as it may in a day');
      const id = uuid();
      await manager.query('INSERT INTO platform_api.challenge (id, said, received_at) VALUES ($1, $2, $3)', [
        ...[id, challenge, now],
      ]);
      const { role, reason } = challenge;
      const audit = {
        actor: 'public',
        action: 'receive-challenge',
        subject: `challenge/${id}`,
        detail: { role, reason },
      };
      return { result: undefined, audit };
    });
    return this.references.make(now);
  }
}

function judge(given: unknown): Challenge {
  const read = readChallenge(given);
  if (!read.ok)
    throw rejection('TOC_REQUEST_PARAMETER', `${read.problems.length} field(s) are not valid`, {
      problems: read.problems,
    });
  const problems = read.challenge.sentence === undefined ? [] : smuggledIn(read.challenge.sentence);
  if (problems.length === 0) return read.challenge;
  throw rejection('TOC_FEEDBACK_PEOPLE_DATA', 'the sentence says what may identify a person: leave it out', {
    problems,
  });
}
