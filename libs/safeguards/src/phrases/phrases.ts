import { createRequire } from 'node:module';
import { seemsToName, seemsToNameWithin } from '../people-data/find-names.js';
import { findPeopleData } from '../people-data/find-people-data.js';
import type { Safeguard, SafeguardRule } from '../safeguard.js';

const COMMON = {
  id: 'common-phrase',
  version: 1,
  does: 'reject',
  says: 'Rejects phrases with fewer than two uncommon words, or fewer than twelve letters in them.',
} as const satisfies SafeguardRule;

const NAME = {
  id: 'phrase-of-a-name',
  version: 1,
  does: 'reject',
  says: 'Rejects phrases that are the name of a person: nothing named a person is a signal.',
} as const satisfies SafeguardRule;

const NAME_WITHIN = {
  id: 'phrase-with-a-name',
  version: 1,
  does: 'hold',
  says: 'Holds phrases in which a person seems to be named among other words, for an approver to decide.',
} as const satisfies SafeguardRule;

const ADDRESS = {
  id: 'phrase-with-an-address',
  version: 2,
  does: 'reject',
  says: 'Rejects phrases that hold an address, an account or a number of a person: these have rules of their own.',
} as const satisfies SafeguardRule;

/** An address with its scheme, a host as one writes it, or one that is written out so as not to be one. */
const WITH_ADDRESS =
  /\p{L}:\/\/|(?:^|[^\p{L}\p{N}.-])(?:[\p{L}\p{N}-]{1,63}\.)+\p{L}{2,24}(?:[/:?#]|[\s),;!]|$)|\s[([]?dot[)\]]?\s(?:com|net|org|info|me|io|co|ru)(?=\s|$)/u;

/** A word that no language has: an underscore or a number sign in it, or digits at the end of many letters. */
const NO_WORD = /(?:^|\s)(?=\S*\p{L})(?:[\p{L}\p{N}.]+(?:_[\p{L}\p{N}._]+|#\d{4,5})|\p{L}{6,}\d{2,6})(?=\s|$)/u;
/** What says that the word behind it is an account. */
const ACCOUNT_IS =
  'user(?:name)?|handle|account|profile|nick(?:name)?|screen ?name|gamertag|telegram|twitter|instagram|insta|discord|facebook|tiktok|snapchat|snap|youtube|twitch|steam|roblox|vk|kik|skype|wickr|threema|session|wire|element';
/** A word with letters and digits behind one that says whose or where it is: an account without its sign. */
const ACCOUNT = new RegExp(
  `(?:^|\\s)(?:${ACCOUNT_IS})(?::? (?:is |id |name )?|: ?)(?=[\\p{L}.-]*\\d)(?=[\\d.-]*\\p{L})[\\p{L}\\p{N}.-]{4,40}(?=\\s|$)`,
  'u',
);

const LEAST_WORDS = 2;
const LEAST_LETTERS = 12;
/** A word in a script without spaces, which is shorter for what it says. */
const LETTERS_OF = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Thai}]/u;
const DENSE = 4;

const require = createRequire(import.meta.url);
let stopWords: ReadonlySet<string> | undefined;

/** Words that every text of a language has, of 58 languages; read once somebody submits a phrase. */
function isCommon(word: string): boolean {
  stopWords ??= new Set(
    Object.values(require('stopwords-iso') as Record<string, string[]>)
      .flat()
      .map((each) => each.normalize('NFKC').toLowerCase()),
  );
  return stopWords.has(word);
}

const SEGMENTER = new Intl.Segmenter(undefined, { granularity: 'word' });

/** Words of a phrase that not every text has, and how many letters there are in them; dense scripts count fourfold. */
export function uncommonIn(phrase: string): { words: number; letters: number } {
  const words = [...SEGMENTER.segment(phrase)]
    .filter(({ isWordLike, segment }) => isWordLike && !isCommon(segment))
    .map(({ segment }) => segment);
  const letters = words
    .flatMap((word) => Array.from(word))
    .reduce((sum, letter) => sum + (LETTERS_OF.test(letter) ? DENSE : 1), 0);
  return { words: new Set(words).size, letters };
}

/** English words that stand in no name, and in many a motto. */
const IN_NO_NAME = /(?:^| )(?:of|the|and|to|is|are|a|an|in|on|for|with|we|our|by|at)(?= |$)/;

/** Whether a phrase, which has lost its capitals, is nothing but a name of up to four words. */
function isName(phrase: string): boolean {
  const words = phrase.split(' ');
  if (words.length < 2 || words.length > 4) return false;
  if (IN_NO_NAME.test(phrase)) return false;
  return seemsToName(words.map((word) => word.slice(0, 1).toUpperCase() + word.slice(1)).join(' '));
}

/** Hygiene of phrases: what people say every day would match what nobody meant. */
export const phrasesSafeguard: Safeguard = {
  id: 'phrases',
  rules: [COMMON, NAME, NAME_WITHIN, ADDRESS],
  judgeSignal({ type, value }) {
    if (type !== 'phrase') return undefined;
    if (isName(value))
      return { ruling: 'reject', rule: NAME, code: 'TOC_ITEM_VALUE', detail: 'the phrase is the name of a person' };
    if (WITH_ADDRESS.test(value) || NO_WORD.test(value) || ACCOUNT.test(value) || findPeopleData(value).length > 0)
      return { ruling: 'reject', rule: ADDRESS, code: 'TOC_ITEM_VALUE', detail: 'the phrase holds an address' };
    const { words, letters } = uncommonIn(value);
    if (words >= LEAST_WORDS && letters >= LEAST_LETTERS) {
      if (!seemsToNameWithin(value)) return undefined;
      return { ruling: 'hold', rule: NAME_WITHIN, reason: 'people-data', detail: { found: ['name'] } };
    }
    const detail = `a phrase needs ${LEAST_WORDS} uncommon words with ${LEAST_LETTERS} letters; this has ${words} with ${letters}`;
    return { ruling: 'reject', rule: COMMON, code: 'TOC_ITEM_VALUE', detail };
  },
};
