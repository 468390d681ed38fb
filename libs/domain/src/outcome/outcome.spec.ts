import { lastEndedPeriod, outcomeOf, periodOf } from './index.js';

const ROW = { channel: 'everyone', row_id: '0b0d0f10-1112-8314-9516-171819202122' };
const WINDOW = { from: '2026-11-02T08:00:00Z', until: '2026-11-02T09:00:00Z', count: 4 };

describe('outcomeOf', () => {
  it('counts that a row matched, that something was done, and each step of an opinion by itself', () => {
    expect(outcomeOf({ kind: 'sighting', ...ROW, ...WINDOW })).toEqual({
      ...{ kind: 'matched', cell: 'matched', from: WINDOW.from },
    });
    expect(outcomeOf({ kind: 'action-taken', ...ROW, ...WINDOW, action: 'removed' })?.cell).toBe('acted');
    expect(outcomeOf({ kind: 'action-taken', ...ROW, ...WINDOW, action: 'no-action' })).toBeUndefined();
    expect(outcomeOf({ kind: 'action-taken', ...ROW, ...WINDOW, action: 'restored' })).toBeUndefined();
    expect(outcomeOf({ kind: 'opinion', ...ROW, opinion: 'strongly-agree' })).toEqual({
      ...{ kind: 'opinion', cell: 'opinion-strongly-agree' },
    });
    expect(outcomeOf({ kind: 'dispute', ...ROW, reason: 'too-broad' })).toBeUndefined();
  });
});

describe('periods', () => {
  it('are weeks of UTC that begin on a Monday', () => {
    expect(periodOf(new Date('2026-11-27T23:59:59.999Z'))).toEqual({
      from: new Date('2026-11-23T00:00:00Z'),
      until: new Date('2026-11-30T00:00:00Z'),
    });
    expect(periodOf(new Date('2026-11-30T00:00:00Z')).from).toEqual(new Date('2026-11-30T00:00:00Z'));
    expect(lastEndedPeriod(new Date('2026-11-30T00:00:00Z')).until).toEqual(new Date('2026-11-30T00:00:00Z'));
  });
});
