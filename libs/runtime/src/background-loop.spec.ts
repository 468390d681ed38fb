import { setTimeout as pause } from 'node:timers/promises';
import { pino } from 'pino';
import { fault, transient } from '#libs/domain';
import { BackgroundLoop, type NextStep } from './background-loop.js';
import { Telemetry } from './telemetry.js';

const HOUR = 3_600_000;

describe('a background loop', () => {
  let lines: Record<string, unknown>[];
  let telemetry: Telemetry;
  let loop: BackgroundLoop | undefined;

  beforeEach(() => {
    lines = [];
    telemetry = new Telemetry('test');
  });
  afterEach(() => loop?.stop());

  function start(step: (signal: AbortSignal) => Promise<NextStep>): BackgroundLoop {
    const logger = pino({}, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });
    loop = new BackgroundLoop('example', step, { logger, telemetry });
    loop.start();
    return loop;
  }

  async function until(holds: () => boolean): Promise<void> {
    for (let tries = 0; !holds(); tries += 1) {
      if (tries > 6_000) throw new Error('it did not happen within a minute');
      await pause(10);
    }
  }

  it('goes on at once while it is told to, never two steps at a time', async () => {
    let steps = 0;
    let running = 0;
    let most = 0;
    start(async () => {
      most = Math.max(most, ++running);
      await pause(1);
      running -= 1;
      return ++steps < 5 ? 'again' : HOUR;
    }).start();
    await until(() => steps === 5);
    await pause(30);
    expect([steps, most]).toEqual([5, 1]);
  });

  it('ends its wait when woken, also when woken during a step', async () => {
    let steps = 0;
    const running = start(async () => {
      await pause(20);
      steps += 1;
      return HOUR;
    });
    running.wake();
    await until(() => steps === 2);
    await pause(30);
    expect(steps).toBe(2);
    running.wake();
    await until(() => steps === 3);
  });

  it('waits failures out, a fault loudly, and goes on', async () => {
    const errors = [transient('TOC_DATABASE_UNAVAILABLE', 'away'), fault('broken')];
    let steps = 0;
    const running = start(() => {
      steps += 1;
      const error = errors.shift();
      return error ? Promise.reject(error) : Promise.resolve(HOUR);
    });
    await until(() => lines.length === 1);
    running.wake();
    await pause(30);
    expect(steps).toBe(1);
    await until(() => steps === 3);
    expect(lines.map(({ level, msg, failures }) => ({ level, msg, failures }))).toEqual([
      { level: 40, msg: 'loop-step-failed', failures: 1 },
      { level: 50, msg: 'loop-step-failed', failures: 2 },
    ]);
    const { text } = await telemetry.scrape();
    expect(text).toMatch(/tocsin_loop_failures_total\{loop="example",family="transient",app="test"\} 1/);
    expect(text).toMatch(/tocsin_loop_failures_total\{loop="example",family="fault",app="test"\} 1/);
  });

  it('stops when the running step has ended, and says nothing of what stopping broke', async () => {
    let ended = false;
    const running = start(async (signal) => {
      await pause(HOUR, undefined, { signal }).catch(() => undefined);
      await pause(20);
      ended = true;
      throw fault('stopped in the middle');
    });
    await running.stop();
    expect(ended).toBe(true);
    expect(lines).toEqual([]);
  });

  it('stops from its wait at once', async () => {
    let steps = 0;
    const running = start(() => Promise.resolve(++steps && HOUR));
    await until(() => steps === 1);
    // The wait itself would outlast the test.
    await running.stop();
    expect(steps).toBe(1);
  });
});
