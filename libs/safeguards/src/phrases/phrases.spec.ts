import type { Statement } from '#libs/domain';
import type { SafeguardFacts } from '../safeguard.js';
import { phrasesSafeguard, uncommonIn } from './phrases.js';

const judge = (value: string, type = 'phrase') =>
  phrasesSafeguard.judgeSignal?.({ type, value }, {} as Statement, {} as SafeguardFacts);
const isRejected = (value: string, type?: string): boolean => judge(value, type)?.ruling === 'reject';

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
    expect(judge(name.toLowerCase())?.rule.id).toBe('phrase-of-a-name');
  });

  it.each([
    'anna berg must be silenced tomorrow',
    'everybody wait for john smith outside',
    'free the prisoner tommy robertson now',
    'lecture of omar bin khalid on war',
    'speech of abu bakr on the caliphate',
  ])('that name a person among other words wait for one: %s', (phrase) =>
    expect(judge(phrase)).toMatchObject({ ruling: 'hold', reason: 'people-data', rule: { id: 'phrase-with-a-name' } }),
  );

  it.each([
    'follow dark_wolf_88 for the videos',
    'add blackbanner#1488 for the invite',
    'telegram wolf1488 sends invitations',
    'username: lonewolf99 has everything',
    'write to @blackbanner for the link',
    'join t.me/blackbanner now brothers',
    'mail wolf(at)example.com for access',
    'wolf at example dot com sends it',
    'blackwolf1488 is the admin here',
    'call 0047 912 34 567 for instructions',
  ])('that hold an account are rejected: %s', (phrase) =>
    expect(judge(phrase)?.rule.id).toBe('phrase-with-an-address'),
  );

  it.each([
    'remaining and expanding caliphate',
    'brothers of the black banner',
    'fourteen words manifesto',
    'der große austausch beginnt',
    'джихад против неверных',
    '伊斯兰国宣传视频',
    'stream of the christchurch killings',
    'victor of the glorious race war',
    'grace and glory of jihad',
    'mark the traitors among neighbours',
    'hunter killer manual second edition',
    'telegram channel of the black banner',
    'account of the siege of 1453 baghdad',
    'sniper rifle m24 training manual',
    'angel of vengeance arrives tomorrow',
    'version 2 of the handbook',
    'covid19 vaccine kills the believers',
  ])('that say something are not: %s', (phrase) => expect(judge(phrase)).toBeUndefined());

  it('count each word once, and nothing that every text has', () => {
    expect(uncommonIn('the banner of the banner')).toEqual({ words: 1, letters: 12 });
    expect(isRejected('the end', 'domain')).toBe(false);
  });
});
