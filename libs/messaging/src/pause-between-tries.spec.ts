import { backoffMs, pause } from './pause-between-tries.js';

describe('the pause between tries', () => {
  const bounds = { firstMs: 100, maxMs: 1_000 };

  it('doubles up to its bound', () => {
    expect([0, 1, 2, 3, 4, 400].map((attempt) => backoffMs(bounds, attempt, 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
  });

  it('is drawn from the upper half of the interval', () => {
    expect([0, 0.5, 1].map((random) => backoffMs(bounds, 1, random))).toEqual([100, 150, 200]);
  });

  it('ends early and quietly when the signal aborts', async () => {
    const giveUp = new AbortController();
    const started = performance.now();
    const paused = pause(60_000, giveUp.signal);
    giveUp.abort();
    await paused;
    await pause(60_000, giveUp.signal);
    expect(performance.now() - started).toBeLessThan(30_000);
  });
});
