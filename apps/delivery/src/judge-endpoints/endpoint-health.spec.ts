import { EndpointHealth, RETRY_TIMES } from './endpoint-health.js';

const START = new Date('2026-01-01T00:00:00Z');
const later = (ms: number): Date => new Date(START.getTime() + ms);
const HOUR = 3_600_000;

describe('the health of an endpoint', () => {
  it('may be tried at once while it works, by as many as want', () => {
    const health = new EndpointHealth(RETRY_TIMES);
    expect(health.waitMs(START, 'ordinary')).toBe(0);
    expect([health.begin('ordinary'), health.begin('ordinary')]).not.toContain(undefined);
    expect(health.suspect).toBe(false);
  });

  it('waits longer after each failure, up to five minutes', () => {
    const health = new EndpointHealth(RETRY_TIMES, undefined, () => 1);
    const waits = Array.from({ length: 12 }, () => {
      health.failed(START, START);
      return health.waitMs(START, 'ordinary');
    });
    expect(waits.slice(0, 5)).toEqual([1_000, 2_000, 4_000, 8_000, 16_000]);
    expect(waits.slice(9)).toEqual([300_000, 300_000, 300_000]);
  });

  it('draws the wait from the whole interval', () => {
    const health = new EndpointHealth(RETRY_TIMES, { attempts: 8, failingSince: START }, () => 0.25);
    health.failed(START, START);
    expect(health.waitMs(START, 'ordinary')).toBe(64_000);
  });

  it('heeds what the receiver asks for', () => {
    const health = new EndpointHealth(RETRY_TIMES, undefined, () => 0.5);
    health.failed(START, START, 120_000);
    expect(health.waitMs(START, 'ordinary')).toBe(120_000);
  });

  it('has an emergency wait a minute at most, unless a person has to look first', () => {
    const health = new EndpointHealth(RETRY_TIMES, undefined, () => 0.5);
    health.failed(START, START, 3_600_000);
    expect([health.waitMs(START, 'ordinary'), health.waitMs(START, 'emergency')]).toEqual([3_600_000, 60_000]);
    expect(health.waitMs(later(60_000), 'emergency')).toBe(0);
    health.failed(later(60_000), later(60_000), 100);
    expect(health.waitMs(later(60_000), 'emergency')).toBe(1_000);
    health.paused(later(60_000));
    expect(health.waitMs(later(60_000), 'emergency')).toBe(900_000);
  });

  it('counts attempts that were under way together as one failure', () => {
    const health = new EndpointHealth(RETRY_TIMES, undefined, () => 1);
    health.failed(later(100), START);
    health.failed(later(150), START);
    expect([health.current.attempts, health.waitMs(later(100), 'ordinary')]).toEqual([1, 1_000]);
    health.failed(later(2_000), later(1_100));
    expect(health.current.attempts).toBe(2);
  });

  it('lets one attempt a lane be under way while it fails', () => {
    const health = new EndpointHealth(RETRY_TIMES);
    health.failed(START, START);
    const release = health.begin('ordinary');
    expect(health.begin('ordinary')).toBeUndefined();
    expect(health.begin('emergency')).toBeDefined();
    release?.();
    expect(health.begin('ordinary')).toBeDefined();
  });

  it('has to be paused after 72 hours of failing, once, and is then tried every quarter of an hour', () => {
    const health = new EndpointHealth(RETRY_TIMES);
    expect(health.failed(START, START)).toBe('retry');
    expect(health.failed(later(71 * HOUR), later(71 * HOUR))).toBe('retry');
    expect(health.failed(later(72 * HOUR), later(72 * HOUR))).toBe('pause');
    health.paused(later(72 * HOUR));
    expect(health.failed(later(73 * HOUR), later(73 * HOUR))).toBe('retry');
    expect(health.waitMs(later(73 * HOUR), 'ordinary')).toBe(900_000);
  });

  it('forgets failures with a success, and stays paused until somebody resumes it', () => {
    const health = new EndpointHealth(RETRY_TIMES);
    health.failed(START, START);
    health.paused(START);
    health.succeeded(20);
    expect(health.current).toEqual({ attempts: 0, pausedAt: START });
    expect(health.waitMs(START, 'ordinary')).toBe(0);
    health.resumed();
    expect(health.current).toEqual({ attempts: 0 });
  });

  it('is suspect while it fails or answers slowly', () => {
    const health = new EndpointHealth(RETRY_TIMES);
    health.succeeded(5_000);
    expect(health.suspect).toBe(true);
    health.succeeded(50);
    expect(health.suspect).toBe(false);
    health.keepsWaiting();
    expect(health.suspect).toBe(true);
    health.succeeded(50);
    expect(health.suspect).toBe(false);
    health.failed(START, START);
    expect(health.suspect).toBe(true);
  });
});
