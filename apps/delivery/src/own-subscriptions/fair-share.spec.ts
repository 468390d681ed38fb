import { fairShare } from './fair-share.js';

const wanted = new Set(['a', 'b', 'c', 'd', 'e']);

describe('the fair share of subscriptions', () => {
  it('is everything for a process that is alone', () => {
    expect(fairShare(['a'], wanted, 1)).toEqual({ release: [], room: 4 });
  });

  it('gives away what is beyond it when another process comes', () => {
    expect(fairShare(['a', 'b', 'c', 'd', 'e'], wanted, 2)).toEqual({ release: ['d', 'e'], room: 0 });
    expect(fairShare([], wanted, 2)).toEqual({ release: [], room: 3 });
  });

  it('gives away what nobody needs any more', () => {
    expect(fairShare(['x', 'a'], wanted, 5)).toEqual({ release: ['x'], room: 0 });
  });
});
