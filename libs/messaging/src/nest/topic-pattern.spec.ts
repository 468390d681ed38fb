import { fitsPattern, isOneTopic } from './topic-pattern.js';

describe('topic patterns', () => {
  it.each([
    ['tocsin.submissions.v1', 'tocsin.submissions.v1', true],
    ['tocsin.submissions.v10', 'tocsin.submissions.v1', false],
    ['tocsinxsubmissions.v1', 'tocsin.submissions.v1', false],
    ['tocsin.channel.7f3a.v1', 'tocsin.channel.*.v1', true],
    ['tocsin.channel.a.b.v1', 'tocsin.channel.*.v1', false],
    ['tocsin.channel..v1', 'tocsin.channel.*.v1', false],
    ['tocsin.channel.7f3a.v2', 'tocsin.channel.*.v1', false],
    ['run-7.tocsin.feedback.v1', '*.tocsin.feedback.v1', true],
  ])('%s in %s: %p', (topic, pattern, fits) => {
    expect(fitsPattern(topic, pattern)).toBe(fits);
  });

  it('are told apart from names', () => {
    expect([isOneTopic('a.b'), isOneTopic('a.*')]).toEqual([true, false]);
  });
});
