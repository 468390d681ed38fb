import { isReleasableLine, isReleasableText } from './releasable-text.js';

describe('what an officer writes as releasable', () => {
  it.each(['Act 4, §2', 'ναι', '🙂', 'a\u0301'])('may be %j', (text) => {
    expect([isReleasableLine(text), isReleasableText(text)]).toEqual([true, true]);
  });

  it.each(['', '  ', 'a\u0000b', 'a\u001b[31m', 'a\ud83d', 7, undefined, 'a\u0085b'])('is never %j', (text) => {
    expect([isReleasableLine(text), isReleasableText(text)]).toEqual([false, false]);
  });

  it.each(['a\nb', 'a\tb', 'a\r\nb', 'a\u202eb', 'a\u2028b', 'a\u2066b'])('is no line when it is %j', (text) => {
    expect([isReleasableLine(text), isReleasableText(text)]).toEqual([false, true]);
  });
});
