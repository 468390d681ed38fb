import { DutyClock } from './duty-clock.js';

describe('the clock of a duty', () => {
  const clock = new DutyClock(24, 4);
  const at = new Date('2026-11-27T10:00:00Z');

  it('is short for errors and emergencies, and long otherwise', () => {
    const due = (reason: string, emergency = false): string => clock.dueAt(at, { reason, emergency }).toISOString();
    expect(due('superseded')).toBe('2026-11-28T10:00:00.000Z');
    expect(due('narrowed')).toBe('2026-11-28T10:00:00.000Z');
    expect(due('compromised-submitter')).toBe('2026-11-28T10:00:00.000Z');
    expect(due('issued-in-error')).toBe('2026-11-27T14:00:00.000Z');
    expect(due('wrong-person')).toBe('2026-11-27T14:00:00.000Z');
    expect(due('no-longer-needed', true)).toBe('2026-11-27T14:00:00.000Z');
  });
});
