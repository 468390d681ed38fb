/*
 * Reports write addresses so that nobody follows them by accident. Each way of doing so becomes one character of the
 * private use area, so that what reads the line afterwards sees the address and still knows that it was marked.
 */
export const MARKED_DOT = '\ue000';
export const MARKED_SCHEME = '\ue001';
export const MARKED_AT = '\ue002';
export const MARKED_SLASH = '\ue003';
export const MARKED_COLON = '\ue004';

const LIVE: ReadonlyMap<string, string> = new Map([
  [MARKED_DOT, '.'],
  [MARKED_SCHEME, '://'],
  [MARKED_AT, '@'],
  [MARKED_SLASH, '/'],
  [MARKED_COLON, ':'],
]);
const MARKS = /[\ue000-\ue004]/g;
const ANY_MARK = /[\ue000-\ue004]/;

/** Shows nothing, and so hides an address from whoever searches for it; direction marks with it. */
const INVISIBLE = /[\u00ad\u180e\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]/g;
/** Joiners have a meaning inside some scripts, and none beside ASCII. */
const JOINER_AT_ASCII = /(?<=[\x20-\x7e])[\u200c\u200d]|[\u200c\u200d](?=[\x20-\x7e])/g;
const FULLWIDTH = /[\uff01-\uff0d\uff0f-\uff5e]/g;
const FOREIGN_DOT = /(?<=[\p{L}\p{N}])[\u2024\u3002\uff0e\uff61](?=[\p{L}\p{N}])/gu;
const ASCII_ONLY = /^[\x00-\x7f]*$/;

const BRACKETED_DOT = /[ \t]?[[({<][ \t]?(?:\.|dot)[ \t]?[\])}>](?:[ \t](?=[\p{L}\p{N}]))?/giu;
const HALF_BRACKETED_DOT = /(?<=[\p{L}\p{N}])(?:\[\.|\.\])(?=[\p{L}\p{N}])/gu;
const ESCAPED_DOT = /(?<=[\p{L}\p{N}])\\\.(?=[\p{L}\p{N}])/gu;
const BRACKETED_SCHEME = /[[({<]:\/\/[\])}>]/g;
const BRACKETED_COLON = /[[({<]:[\])}>]/g;
const BRACKETED_SLASHES = /[[({<]\/\/[\])}>]/g;
const BRACKETED_SLASH = /[[({<]\/[\])}>]/g;
const BRACKETED_AT = /[ \t]?[[({<][ \t]?(?:@|at)[ \t]?[\])}>][ \t]?/gi;

/** `forum dot example dot org`; bounded, and begun only where a word begins. */
const SPOKEN = /(?<![\p{L}\p{N}_-])(?:[\p{L}\p{N}_-]{1,63} dot ){1,10}[\p{L}\p{N}_-]{2,63}(?![\p{L}\p{N}_-])/giu;
const SPOKEN_DOT = / dot /gi;
const SPOKEN_AT = /(?:[ \t]at|@|\ue002)[ \t]*$/i;
/** Ends that are plainly of names; of two words, the others are as well a polka dot or a dot on a line. */
const SPOKEN_ENDS =
  /^(?:com|net|org|info|biz|onion|example|test|ru|io|co|cc|tv|de|fr|nl|pl|eu|uk|cn|su|ws|xyz|top|site|online)$/i;
const NO_NAME =
  /^(?:the|a|an|this|that|these|those|of|and|or|every|each|per|second|first|one|in|on|with|to|by|for|dot)$/i;

/** Whether something in the text was marked. */
export function isMarked(text: string): boolean {
  return ANY_MARK.test(text);
}

/** The text as it is followed. */
export function asFollowed(text: string): string {
  return text.replace(MARKS, (mark) => LIVE.get(mark) ?? '');
}

function spoken(match: string, before: string): string {
  const words = match.split(SPOKEN_DOT);
  const [first = '', last = ''] = [words[0], words.at(-1)];
  const isName = words.length > 2 || (SPOKEN_ENDS.test(last) && !NO_NAME.test(first));
  if (!isName || match !== match.toLowerCase()) return match;
  return words.join(MARKED_DOT).replace(/^/, SPOKEN_AT.test(before) ? MARKED_AT : '');
}

/**
 * A line with what hides in it taken out and every mark replaced by its character. Linear in the length of the line.
 * What was in the private use area before is a space afterwards.
 */
export function undoMarks(line: string): string {
  let text = line;
  if (!ASCII_ONLY.test(text)) {
    text = text
      .replace(MARKS, ' ')
      .replace(INVISIBLE, '')
      .replace(JOINER_AT_ASCII, '')
      .replace(FULLWIDTH, (character) => String.fromCharCode(character.charCodeAt(0) - 0xfee0))
      .replace(FOREIGN_DOT, MARKED_DOT);
  }
  if (/[[({<]/.test(text)) {
    text = text
      .replace(BRACKETED_DOT, MARKED_DOT)
      .replace(BRACKETED_SCHEME, MARKED_SCHEME)
      .replace(BRACKETED_COLON, MARKED_COLON)
      .replace(BRACKETED_SLASHES, MARKED_SLASH + MARKED_SLASH)
      .replace(BRACKETED_SLASH, MARKED_SLASH)
      .replace(BRACKETED_AT, MARKED_AT);
  }
  if (/[[\]]/.test(text)) text = text.replace(HALF_BRACKETED_DOT, MARKED_DOT);
  if (text.includes('\\.') && !/\\(?!\.)/.test(text)) text = text.replace(ESCAPED_DOT, MARKED_DOT);
  if (/ dot /i.test(text)) {
    text = text.replace(SPOKEN, (match, at: number) => spoken(match, text.slice(Math.max(0, at - 8), at)));
  }
  return text;
}
