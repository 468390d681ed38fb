import { domainToUnicode } from 'node:url';
import unhomoglyph from 'unhomoglyph';

const MARKS = /\p{M}/gu;

/** Small capitals, among them what some Cyrillic letters look like; Unicode keeps them apart from the letters. */
const SMALL_CAPITALS: Readonly<Record<string, string>> = {
  ...{ ʙ: 'b', ᴄ: 'c', ᴅ: 'd', ᴇ: 'e', ɢ: 'g', ʜ: 'h', ɪ: 'i', ᴊ: 'j', ᴋ: 'k', ĸ: 'k', ʟ: 'l', ᴍ: 'm', ɴ: 'n' },
  ...{ ᴏ: 'o', ᴘ: 'p', ʀ: 'r', ꜱ: 's', ᴛ: 't', ᴜ: 'u', ᴠ: 'v', ᴡ: 'w', ʏ: 'y', ᴢ: 'z' },
};

/** Letters of ASCII that stand for others in the confusables of Unicode, by their code. */
const ASCII = Array.from({ length: 128 }, (_, code) => unhomoglyph(String.fromCharCode(code)).toLowerCase());

/** Letters, digits, dots and hyphens of which none stands for another. */
const AS_IT_IS = new RegExp(
  `^[${Array.from('abcdefghijklmnopqrstuvwxyz0123456789')
    .filter((one) => ASCII[one.charCodeAt(0)] === one && one !== 'v')
    .join('')}.-]*$`,
);

function asciiSkeleton(text: string): string {
  let skeleton = '';
  for (let index = 0; index < text.length; index += 1) skeleton += ASCII[text.charCodeAt(index)] ?? '';
  return skeleton;
}

/**
 * What a host looks like: two hosts that people take for one another have the same skeleton (UTS 39, section 4, with the
 * confusables of Unicode 13; accents are left out as well, small capitals count as letters and `vv` as `w`).
 * @param host in canonical form; A-labels are read as the letters they stand for
 */
export function skeletonOf(host: string): string {
  if (AS_IT_IS.test(host) && !host.includes('xn--')) return host;
  let skeleton: string;
  if (host.includes('xn--')) {
    const letters = domainToUnicode(host).normalize('NFD').replace(MARKS, '');
    skeleton = asciiOnly(unhomoglyph(letters).normalize('NFD').replace(MARKS, '').toLowerCase());
  } else skeleton = asciiSkeleton(host);
  return skeleton.replaceAll('vv', 'w');
}

/** The ASCII that came out of a first pass may stand for other letters again. */
function asciiOnly(text: string): string {
  let skeleton = '';
  for (const letter of text) {
    const latin = SMALL_CAPITALS[letter] ?? letter;
    skeleton += ASCII[latin.charCodeAt(0)] ?? latin;
  }
  return skeleton;
}
