import { FailingTopics } from './failing-topics.js';

describe('failing topics', () => {
  it('are tried again after a pause that doubles up to a minute', () => {
    const topics = new FailingTopics();
    let now = 0;
    const pauses = Array.from({ length: 8 }, () => {
      topics.failed('a', now);
      const from = now;
      while (topics.due(now) === undefined) now += 500;
      return now - from;
    });
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('have their turn in the order in which they became due, and begin anew when they worked', () => {
    const topics = new FailingTopics();
    topics.failed('a', 0);
    topics.failed('b', 0);
    topics.failed('a', 0);
    expect(topics.all).toEqual(['a', 'b']);
    expect(topics.due(10_000)).toBe('b');
    topics.forget('b');
    expect(topics.due(10_000)).toBe('a');
    topics.forget('a');
    expect(topics.due(10_000)).toBeUndefined();
    topics.failed('a', 10_000);
    expect(topics.due(11_000)).toBe('a');
  });
});
