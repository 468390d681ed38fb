import { createRequire } from 'node:module';

interface Language {
  (text: string): { people(): { out(format: 'array'): string[] } };
  model(): { one: { lexicon: Readonly<Record<string, string | readonly string[]>> } };
}

const require = createRequire(import.meta.url);
let language: Language | undefined;
let firstNames: ReadonlySet<string> | undefined;

/** 36 MB, which a process needs only once somebody writes what could be a name. It has no types for its default export. */
function loadLanguage(): Language {
  return (language ??= require('compromise') as Language);
}

function readLanguage(text: string): string[] {
  return loadLanguage()(text).people().out('array');
}

/** Whether people are called so, as the library knows it: looking a word up costs nothing beside reading a phrase. */
function isFirstName(word: string): boolean {
  firstNames ??= new Set(
    Object.entries(loadLanguage().model().one.lexicon)
      .filter(([, tags]) => [tags].flat().some((tag) => ['FirstName', 'MaleName', 'FemaleName'].includes(tag)))
      .map(([name]) => name),
  );
  return firstNames.has(word);
}

const WORD = "\\p{Lu}[\\p{L}'’.-]*";
const LINK = '(?:bin|ibn|al|el|van|von|de|da|di|der|den)';
/** Two or more words in a row that begin with a capital: one word alone is as often a place or a group. */
const CAPITALS = new RegExp(`${WORD}(?:\\s+(?:${LINK}\\s+){0,2}${WORD})+`, 'gu');
const WHOLE_NAME = new RegExp(`^${WORD}(?:\\s+(?:${LINK}\\s+){0,2}${WORD}){1,4}$`, 'u');
/** What laws, bodies and places of work are called, and people are not. */
const OF_NO_PERSON =
  /\b(?:act|acts|article|articles|section|sections|law|laws|code|criminal|penal|regulation|directive|decree|order|convention|treaty|protocol|statute|bill|ministry|agency|office|police|court|commission|council|union|nations|desk|unit|centre|center|department|authority|party|movement|front|group|media|state|republic|online|harms|terrorism|terrorist)\b/giu;
const SENTENCE = /[^.!?\n]+[.!?\n]*/gu;
/** The library takes 10 µs a character; nobody waits for it longer than this. */
const MOST_READ = 2500;

/**
 * Whether an English text seems to name a person in full. Only sentences with words that could be a name are read by
 * the library; where there are more of them than anybody would write, the answer is yes without looking.
 */
export function seemsToName(text: string): boolean {
  const suspect = (text.match(SENTENCE) ?? []).filter((sentence) =>
    [...sentence.matchAll(CAPITALS)].some(([words]) => words.replace(OF_NO_PERSON, '').trim().includes(' ')),
  );
  const joined = suspect.join(' ');
  if (joined.length === 0) return false;
  if (joined.length > MOST_READ) return true;
  return readLanguage(joined).some((name) => {
    const bare = name
      .replace(OF_NO_PERSON, '')
      .trim()
      .replace(/\s+/gu, ' ')
      .replace(/[.,;:!?)'’]+$/u, '');
    return WHOLE_NAME.test(bare);
  });
}

/** A name that says whose parent or child somebody is. */
const KUNYA = /(?:^|\s)(?:abu|abou|umm|ibn|bin|bint)[ -](?!the\s)\p{L}{3,}/u;

/** Whether a phrase in small letters seems to name a person with more than one word, among others. */
export function seemsToNameWithin(phrase: string): boolean {
  if (KUNYA.test(phrase)) return true;
  if (!phrase.split(/[^\p{L}]+/u).some(isFirstName)) return false;
  return readLanguage(phrase.slice(0, MOST_READ)).some((name) => name.trim().includes(' '));
}
