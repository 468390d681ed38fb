import { isCsea } from '#libs/domain';
import type { Safeguard, SafeguardRule } from '../safeguard.js';

const WITHIN = {
  id: 'longest-validity',
  version: 1,
  does: 'reject',
  says: 'Rejects a validity longer than the harm allows: five years for abuse material, two for anything else.',
} as const satisfies SafeguardRule;

/**
 * Longest validity in days. What abuse material shows stays what it is; whether something furthers violent extremism
 * depends on its time, so somebody has to look at it again.
 */
export const LONGEST_VALIDITY_BY_HARM = { csea: 1825, tvec: 730 } as const;

const DAY = 86_400_000;
/** A year is a few hours longer than 365 days, and clocks differ. */
const GRACE_DAYS = 2;

/** Keeps what is said within the time for which it can be true. */
export const validitySafeguard: Safeguard = {
  id: 'validity',
  rules: [WITHIN],
  judgeStatement({ harms, validUntil }, { receivedAt }) {
    const days = isCsea(harms) ? LONGEST_VALIDITY_BY_HARM.csea : LONGEST_VALIDITY_BY_HARM.tvec;
    if (Date.parse(validUntil) <= receivedAt.getTime() + (days + GRACE_DAYS) * DAY) return undefined;
    const detail = `valid_until is more than ${days} days away, the most that this harm allows`;
    return { ruling: 'reject', rule: WITHIN, code: 'TOC_ITEM_TIME', detail };
  },
};
