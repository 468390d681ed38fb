import { TocsinError } from '#libs/domain';
import { LookUpQuota } from './look-up-quota.js';

const at = (seconds: number): Date => new Date(1_000_000_000_000 + seconds * 1000);

/** How many questions are answered before one is not, and when to come again. */
function askAll(quota: LookUpQuota, platform: string, when: Date): { answered: number; retryAfter: unknown } {
  for (let answered = 0; ; answered += 1)
    try {
      quota.spend(platform, 'everyone', 3, when);
    } catch (thrown) {
      if (!(thrown instanceof TocsinError) || thrown.code !== 'TOC_LOOK_UP_QUOTA') throw thrown;
      return { answered, retryAfter: thrown.facts.retry_after_s };
    }
}

describe('the quota of look-ups', () => {
  it('lets an eighth be asked at once, and the rest over the day', () => {
    const quota = new LookUpQuota(24);
    expect(quota.of(3)).toEqual({ at_once: 512, a_day: 4096 });
    expect(askAll(quota, 'a', at(0))).toEqual({ answered: 512, retryAfter: 22 });
    expect(askAll(quota, 'a', at(22))).toMatchObject({ answered: 1 });
    expect(askAll(quota, 'a', at(3600))).toMatchObject({ answered: 169 });
    expect(askAll(quota, 'a', at(10 * 86_400))).toMatchObject({ answered: 512 });
  });

  it('is of each platform by itself, and does not run backwards', () => {
    const quota = new LookUpQuota(24);
    askAll(quota, 'a', at(0));
    expect(askAll(quota, 'a', at(-3600))).toMatchObject({ answered: 0 });
    expect(askAll(quota, 'b', at(0))).toMatchObject({ answered: 512 });
  });

  it('counts a longer prefix as the smaller part of the channel that it is', () => {
    const quota = new LookUpQuota(24);
    for (let count = 0; count < 512; count += 1) quota.spend('a', 'everyone', 4, at(0));
    expect(askAll(quota, 'a', at(0))).toMatchObject({ answered: 480 });
  });
});
