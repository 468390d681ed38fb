import type { Statement } from '#libs/domain';
import type { SafeguardFacts } from '../safeguard.js';
import { phrasesSafeguard, uncommonIn } from './phrases.js';

const isRejected = (value: string, type = 'phrase'): boolean =>
  phrasesSafeguard.judgeSignal?.({ type, value }, {} as Statement, {} as SafeguardFacts)?.ruling === 'reject';

describe('phrases', () => {
  it.each([
    'the end',
    'attack',
    'i love you',
    'and so on and so forth',
    'free state',
    'good morning everybody',
    'was ist das',
    'je ne sais pas',
    'как у тебя дела',
    'de la',
    'attack attack attack',
    'go go power',
    '今日',
  ])('that would match common words are rejected: %s', (phrase) => expect(isRejected(phrase)).toBe(true));

  it.each(['anna berg', 'John Smith', 'mary-jane miller'])('that are a name of a person are rejected: %s', (name) => {
    const ruling = phrasesSafeguard.judgeSignal?.(
      { type: 'phrase', value: name.toLowerCase() },
      {} as Statement,
      {} as SafeguardFacts,
    );
    expect(ruling?.rule.id).toBe('phrase-of-a-name');
  });

  it.each([
    'remaining and expanding caliphate',
    'brothers of the black banner',
    'fourteen words manifesto',
    'der große austausch beginnt',
    'джихад против неверных',
    '伊斯兰国宣传视频',
    'stream of the christchurch killings',
  ])('that say something are not: %s', (phrase) => expect(isRejected(phrase)).toBe(false));

  it('count each word once, and nothing that every text has', () => {
    expect(uncommonIn('the banner of the banner')).toEqual({ words: 1, letters: 12 });
    expect(isRejected('the end', 'domain')).toBe(false);
  });
});
