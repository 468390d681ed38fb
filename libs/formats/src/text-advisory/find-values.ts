import { shapeOf } from '../list-values/read-value.js';
import { kindOfName } from './host-names.js';
import {
  asFollowed,
  isMarked,
  MARKED_AT,
  MARKED_COLON,
  MARKED_DOT,
  MARKED_SCHEME,
  MARKED_SLASH,
} from './undo-marks.js';

/** Something in a line that has the shape of a value. */
export interface FoundValue {
  kind: 'url' | 'host' | 'host-or-file' | 'hash' | 'wildcard' | 'ignored';
  /** As it is followed; of an ignored one, its kind. */
  text: string;
  /** Written so that nobody follows it by accident. */
  marked: boolean;
  /** Why a URL stands for many or for none: it has a place-holder, or was cut off. */
  isIncomplete?: boolean;
  /** It is the target of a link that has words of its own. */
  isLink?: boolean;
  /** Where it stands in the line. */
  start: number;
  end: number;
}

/** White space, quotation marks, and what stands between values but in none. */
const CHUNK = /[^\s"'`|<>\u2018\u2019\u201c-\u201e\u00ab\u00bb\u2039\u203a\u3001\u3002\u300c-\u3011\uff5f-\uff65]+/gu;
const SEPARATOR = new RegExp(`${MARKED_SCHEME}|[:${MARKED_COLON}][/${MARKED_SLASH}\\\\]{2,3}`, 'gu');
const WORD_BEFORE = /h(?:\*\*|__)ps?$|[a-z]{1,12}$/i;
const WEB = /^https?$/i;
/** `hxxp`, `h**p`, `h__p`, `hXXps`. */
const MARKED_WEB = /^h(?:[a-z]{2}|\*\*|__)ps?$/i;
/** A URL that begins behind a comma of another. */
const NEXT_URL = new RegExp(`[,;](?=h[a-z*_]{2}ps?[:${MARKED_COLON}${MARKED_SCHEME}])`, 'giu');
const NAME = new RegExp(`[\\p{L}\\p{M}\\p{N}_.${MARKED_DOT}-]+`, 'uy');
const PORT = new RegExp(`[:${MARKED_COLON}](\\d{1,5})(?![\\p{L}\\p{N}.])`, 'uy');
const PATH_BEGINS = new RegExp(`[/${MARKED_SLASH}]`, 'u');
const SLASHES_ONLY = new RegExp(`^[/${MARKED_SLASH}]+[).,;:!?\\]}'"*_+~]*$`, 'u');
const PLACE_HOLDER = /[[\]{}<>*\u2026]|\.\.\.|%[A-Z_]{3,}%|\$\(/;
const TAG = /^<\/?(?:a|b|br|code|div|em|font|i|li|p|pre|span|strong|td|tr|u)\b/i;
const ANGLE_HOLDER = /^<[^<>]{1,40}>/;
const FILE =
  /\.(?:exe|dll|docx?|xlsx?|pptx?|pdf|txt|js|vbs|ps1|bat|cmd|lnk|hta|jar|apk|rar|7z|iso|img|png|jpe?g|gif|mp4|html?|php|aspx?|json|xml|csv|tmp|dat|bin|sys|msi|scr)$/i;
const VULNERABILITY = /^\(?CVE-\d{4}-\d{4,7}\b/i;
const HASH_WORD = /^(?:md-?5|sha-?1|sha-?256|sha-?512)$/i;
/** Longest run of letters that is looked at as a name, in characters. */
const LONGEST_NAME = 300;
/** Longest run of hashes with slashes between them, in characters. */
const LONGEST_JOINED = 1_000;
const SHORTEST_HASH = 32;
/** What a chunk has that is more than a word. */
const NO_MERE_WORD = /[.:@\ue000-\ue004]|CVE-/i;
const ALL_DIGITS = /^\d+$/;
const BALANCED: ReadonlyMap<string, string> = new Map([
  [')', '('],
  [']', '['],
  ['}', '{'],
]);

function count(text: string, character: string): number {
  let found = 0;
  for (const each of text) if (each === character) found += 1;
  return found;
}

/** What a sentence, a bracket or an emphasis put behind a URL. */
function withoutTrailing(url: string, before: string): string {
  let end = url.length;
  while (end > 0 && url.length - end < 16) {
    const last = url.charAt(end - 1);
    const kept = url.slice(0, end);
    const opening = BALANCED.get(last);
    if (opening !== undefined ? count(kept, opening) < count(kept, last) : /[,;:!?]/.test(last)) end -= 1;
    else if (last === '.' && !kept.endsWith('...')) end -= 1;
    else if (/[*_+~]/.test(last) && before.endsWith(last)) end -= 1;
    else break;
  }
  return url.slice(0, end);
}

/** Finds what has the shape of a value in a line of which the marks were undone, in order. Linear in its length. */
export function findValues(line: string): FoundValue[] {
  const found: FoundValue[] = [];
  for (const { 0: chunk, index } of line.matchAll(CHUNK)) {
    if (chunk.length < SHORTEST_HASH && !NO_MERE_WORD.test(chunk)) continue;
    for (const value of new ChunkReader(line, chunk, index).read()) found.push(value);
  }
  return found;
}

class ChunkReader {
  private readonly found: FoundValue[] = [];

  constructor(
    private readonly line: string,
    private readonly chunk: string,
    private readonly offset: number,
  ) {}

  read(): FoundValue[] {
    const { chunk } = this;
    if (chunk.length < 4) return this.found;
    SEPARATOR.lastIndex = 0;
    const separator = SEPARATOR.exec(chunk);
    if (separator) this.readUrls(separator);
    else if (VULNERABILITY.test(chunk)) this.ignore('vulnerability');
    else if (chunk.includes('@') || chunk.includes(MARKED_AT)) this.readAddress();
    else if (!chunk.includes('\\')) this.readPlain(0, chunk.length);
    return this.found;
  }

  private add(kind: FoundValue['kind'], from: number, to: number, more: Partial<FoundValue> = {}): void {
    const raw = this.chunk.slice(from, to);
    const place = { start: this.offset + from, end: this.offset + to };
    this.found.push({ kind, text: asFollowed(raw), marked: isMarked(raw), ...place, ...more });
  }

  private ignore(what: string): void {
    this.add('ignored', 0, this.chunk.length, { text: what });
  }

  /** A mailbox, or the handle of an account: never a signal. */
  private readAddress(): void {
    const [local = '', rest = ''] = asFollowed(this.chunk).split('@', 2);
    if (local !== '' && rest.includes('.')) this.ignore('email-addr');
  }

  private readUrls(first: RegExpExecArray): void {
    let separator: RegExpExecArray | null = first;
    let from = 0;
    while (separator) {
      const { index } = separator;
      const word = WORD_BEFORE.exec(this.chunk.slice(Math.max(from, index - 12), index))?.[0] ?? '';
      const begins = index - word.length;
      if (begins > from && !/[\\@]/.test(this.chunk.slice(from, begins))) this.readPlain(from, begins);
      NEXT_URL.lastIndex = index;
      const next = NEXT_URL.exec(this.chunk);
      const ends = next ? next.index : this.chunk.length;
      this.readUrl(begins, index + separator[0].length, ends, word);
      if (!next) return;
      from = ends + 1;
      SEPARATOR.lastIndex = from;
      separator = SEPARATOR.exec(this.chunk);
    }
  }

  private readUrl(begins: number, hostAt: number, ends: number, word: string): void {
    const before = this.chunk.slice(0, begins) || this.line.slice(Math.max(0, this.offset - 3), this.offset);
    let rest = withoutTrailing(this.chunk.slice(hostAt, ends), before);
    if (!WEB.test(word) && !MARKED_WEB.test(word)) {
      if (word !== '') this.add('ignored', begins, ends, { text: 'other-scheme' });
      return;
    }
    const raw = this.chunk.slice(begins, hostAt) + rest;
    const marked = isMarked(raw) || !WEB.test(word);
    const bracket = rest.indexOf('[');
    const isLink = before.endsWith('](') || (!marked && bracket > 0);
    if (!marked && bracket > 0) rest = rest.slice(0, bracket);
    const live = asFollowed(rest);
    const authority = live.split(/[/?#\\]/, 1)[0] ?? '';
    const host = hostOf(authority);
    const to = hostAt + rest.length;
    const scheme = /s$/i.test(word) ? 'https' : 'http';
    const isHost = host.startsWith('[') || kindOfName(host) !== 'none' || host.includes('*');
    const more = { text: `${scheme}://${live}`, marked, isLink, isIncomplete: this.isIncomplete(live, to) };
    if (isHost) this.add('url', begins, to, more);
    else if (marked) this.add('ignored', begins, to, { text: 'unknown-suffix' });
    else this.add('ignored', begins, to, { text: 'reference' });
  }

  /** Whether the path has a place-holder or goes on where nobody can read it. */
  private isIncomplete(rest: string, end: number): boolean {
    const path = rest.startsWith('[') ? rest.slice(rest.indexOf(']') + 1) : rest;
    if (PLACE_HOLDER.test(path)) return true;
    return this.isHeldOpen(end);
  }

  /** Whether what follows is a place-holder in angle brackets, or says that something was left out. */
  private isHeldOpen(end: number): boolean {
    const behind = this.line.slice(this.offset + end, this.offset + end + 44);
    return behind.startsWith('\u2026') || (ANGLE_HOLDER.test(behind) && !TAG.test(behind));
  }

  /** A chunk without a scheme: names, hashes, addresses and the words between them. */
  private readPlain(from: number, to: number): void {
    const { chunk } = this;
    let at = from;
    while (at < to) {
      const character = chunk.charAt(at);
      // A path of this machine, or of a site that the line does not name.
      if (/[/~%$&\\]/.test(character) && (at === from || this.found.length === 0)) return;
      NAME.lastIndex = at;
      const name = NAME.exec(chunk)?.[0];
      if (name === undefined || at + name.length > to) {
        at += 1;
        continue;
      }
      at = name.length > LONGEST_NAME ? at + name.length : this.readName(at, at + name.length, to);
    }
  }

  /** @returns where to go on */
  private readName(from: number, to: number, limit: number): number {
    const { chunk } = this;
    const raw = chunk.slice(from, to);
    const next = chunk.charAt(to);
    if (!/[.\ue000]/.test(raw.slice(0, -1))) return this.readWord(from, to, limit);
    const live = asFollowed(raw).replace(/\.{2,}/g, '.');
    const bare = live.replace(/[._-]+$/, '');
    const name = bare.replace(/^_+(?=[^.]*\.)(?!.*_$)/, '').toLowerCase();
    if (/^(?:=|%|&|\$|\^|\\|\()/.test(next) && !isMarked(raw)) return limit;
    if (bare.startsWith('.')) {
      if (isMarked(raw) && kindOfName(name.slice(1)) === 'host') this.add('wildcard', from, to, { text: `*${bare}` });
      return to;
    }
    const kind = kindOfName(name);
    if (kind === 'none') {
      if (isMarked(raw)) this.add('ignored', from, to, { text: FILE.test(name) ? 'file-name' : 'unknown-suffix' });
      // What hangs on a name that is no host is the rest of a path or of a version.
      return PATH_BEGINS.test(next) ? limit : to;
    }
    PORT.lastIndex = to;
    const port = PORT.exec(chunk)?.[0] ?? '';
    const behind = chunk.slice(to + port.length, limit);
    if (PATH_BEGINS.test(behind.charAt(0)) && (!SLASHES_ONLY.test(behind) || this.isHeldOpen(limit))) {
      return this.readPath(from, to + port.length, limit, kind);
    }
    if (kind === 'ipv4-addr') this.add('ignored', from, to, { text: kind });
    else this.add(kind, from, from + raw.length - (live.length - bare.length), { text: bare, marked: isMarked(raw) });
    return to + port.length;
  }

  /** A host with a path, and no scheme: Safe Browsing reads it as `http`. */
  private readPath(from: number, pathAt: number, limit: number, kind: 'ipv4-addr' | 'host' | 'host-or-file'): number {
    const rest = withoutTrailing(
      this.chunk.slice(pathAt, limit),
      this.line.slice(Math.max(0, this.offset - 3), this.offset),
    );
    const raw = this.chunk.slice(from, pathAt) + rest;
    if (kind === 'ipv4-addr' && /^[/\ue003]\d{1,2}$/.test(rest)) this.add('ignored', from, pathAt, { text: kind });
    else if (isMarked(raw)) {
      const live = asFollowed(raw);
      const isIncomplete = this.isIncomplete(live, pathAt + rest.length);
      this.add('url', from, pathAt + rest.length, { text: `http://${live}`, isIncomplete });
    }
    return limit;
  }

  /** A word without dots: a hash, or one of several that are joined by slashes. */
  private readWord(from: number, to: number, limit: number): number {
    const { chunk } = this;
    const raw = chunk.slice(from, to);
    const next = chunk.charAt(to);
    const word = raw.replace(/^_+|[._-]+$/g, '');
    if (PATH_BEGINS.test(next)) {
      if (limit - from > LONGEST_JOINED) return limit;
      const parts = chunk.slice(from, limit).split('/');
      const isHashes = parts.every((part) => this.isHash(part.replace(/[).,;\]]+$/, '')) || HASH_WORD.test(part));
      if (!isHashes) return limit;
    }
    if (this.isHash(word)) this.add('hash', from + raw.indexOf(word), from + raw.indexOf(word) + word.length);
    else if (
      next === ':' &&
      /^[0-9a-f]{1,4}$/i.test(raw) &&
      shapeOfIpv6(chunk.slice(from, Math.min(limit, from + 64)))
    ) {
      this.add('ignored', from, limit, { text: 'ipv6-addr' });
      return limit;
    }
    if (/[\\%$&^]/.test(next)) return limit;
    return PATH_BEGINS.test(next) ? to + 1 : to;
  }

  private isHash(word: string): boolean {
    if (word.length < SHORTEST_HASH || ALL_DIGITS.test(word)) return false;
    const shape = shapeOf(word);
    return shape !== undefined && 'type' in shape && shape.type !== 'url' && shape.type !== 'domain';
  }
}

/** Of what stands before the path of a URL; longer than a name can be, it is none. */
function hostOf(authority: string): string {
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  if (host.length > LONGEST_NAME) return '';
  return host.replace(/:\d*$/, '').replace(/\.+$/, '').toLowerCase();
}

function shapeOfIpv6(text: string): boolean {
  const bare = text.replace(/[\]).,;]+.*$/, '').replace(/\/\d{1,3}$/, '');
  return bare.length < 46 && (bare.includes('::') || bare.split(':').length === 8) && /^[0-9a-f:.]+$/i.test(bare);
}
