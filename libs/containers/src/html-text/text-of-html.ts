import { Parser } from 'htmlparser2';
import type { Opening } from '../opening.js';

const BLOCKS = new Set(
  'address article aside blockquote body dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html li main nav ol option p pre section summary table tbody tfoot thead title tr ul'.split(
    ' ',
  ),
);
/** Elements of which nothing is shown, or that are no text. */
const UNSEEN = new Set(
  'script style template noscript noembed noframes svg math object embed applet iframe canvas audio video map datalist'.split(
    ' ',
  ),
);
/** Elements that have no end. */
const VOID = new Set('area base br col embed hr img input link meta param source track wbr'.split(' '));
const READABLE_LINK = /^(?:https?|ftp):\/\//i;
const HIDDEN = /display\s*:\s*none|visibility\s*:\s*hidden/i;
/** Elements within one another of which the kind is remembered; what lies deeper is text of the last. */
const REMEMBERED = 512;
/** The parser takes the longer the more elements are open, so that a page with more of them is refused. */
const DEEPEST = 8192;

/** A line that is longer than this ends with the next word, in characters. */
const LONGEST_LINE = 8192;

interface Open {
  name: string;
  isUnseen: boolean;
  /** Of a link: where it leads, and where its words begin. */
  link?: { target: string; from: number };
}

/** Builds the text of a page while it is read. */
class PageText {
  private readonly lines: string[] = [];
  private line = '';
  private readonly open: Open[] = [];
  private depth = 0;
  private unseen = 0;
  private preformatted = 0;
  private rowIsOpen = false;

  constructor(private readonly opening: Opening) {}

  begin(name: string, attributes: Record<string, string>): void {
    this.dropData(name, attributes);
    if (VOID.has(name)) {
      if (name === 'br' || name === 'hr') this.endLine();
      return;
    }
    this.depth += 1;
    if (this.depth > DEEPEST) throw this.opening.refused('its elements are nested too deeply', 'nesting');
    if (this.open.length >= REMEMBERED) return;
    const isUnseen = UNSEEN.has(name) || 'hidden' in attributes || HIDDEN.test(attributes['style'] ?? '');
    if (isUnseen) this.unseen += 1;
    if (BLOCKS.has(name)) this.endLine();
    if (name === 'pre') this.preformatted += 1;
    if (name === 'tr') this.rowIsOpen = true;
    if ((name === 'td' || name === 'th') && this.unseen === 0) this.line += this.line === '' ? '| ' : ' | ';
    const level = /^h([1-6])$/.exec(name)?.[1];
    if (level !== undefined && this.unseen === 0) this.line += `${'#'.repeat(Number(level))} `;
    if (name === 'li' && this.unseen === 0) this.line += '- ';
    const href = name === 'a' ? attributes['href']?.trim() : undefined;
    const link = href !== undefined && READABLE_LINK.test(href) ? { target: href, from: this.line.length } : undefined;
    this.open.push({ name, isUnseen, ...(link ? { link } : {}) });
  }

  text(text: string): void {
    if (this.unseen > 0) return;
    if (this.preformatted > 0 && !this.rowIsOpen) {
      const [first = '', ...others] = text.split(/\r\n|\r|\n/);
      this.line += first;
      for (const other of others) {
        this.endLine();
        this.line = other;
      }
      return;
    }
    if (this.line.length > LONGEST_LINE) this.breakLine();
    const words = text.replace(/[\s\u00a0]+/g, ' ');
    this.line += this.line === '' || this.line.endsWith(' ') ? words.trimStart() : words;
  }

  end(name: string): void {
    if (!VOID.has(name)) this.depth -= 1;
    const at = this.open.findLastIndex((open) => open.name === name);
    if (at < 0) return;
    for (const { name: ended, isUnseen, link } of this.open.splice(at).reverse()) {
      if (isUnseen) this.unseen -= 1;
      if (link && this.unseen === 0 && !this.line.slice(link.from).includes(link.target)) {
        this.line += ` <${link.target}> `;
      }
      if (ended === 'tr' && this.line.startsWith('| ')) this.line += ' |';
      if (ended === 'tr') this.rowIsOpen = false;
      if (BLOCKS.has(ended) && !(this.rowIsOpen && ended !== 'tr')) this.endLine();
      if (ended === 'pre') this.preformatted -= 1;
    }
  }

  all(): string {
    this.endLine();
    return `${this.lines.join('\n').replace(/\n{3,}/g, '\n\n')}\n`;
  }

  private breakLine(): void {
    this.rowIsOpen = false;
    this.endLine();
    for (const { link } of this.open) if (link) link.from = 0;
  }

  private endLine(): void {
    // The cells of a row stay on its line.
    if (this.rowIsOpen && this.line.startsWith('|')) {
      this.line += ' ';
      return;
    }
    const line = this.preformatted > 0 ? this.line.trimEnd() : this.line.replace(/ {2,}/g, ' ').trim();
    this.opening.charge(line.length);
    if (line !== '' || this.lines.at(-1) !== '') this.lines.push(line);
    this.line = '';
  }

  /** A picture that is written into the page itself. */
  private dropData(name: string, attributes: Record<string, string>): void {
    for (const value of Object.values(attributes)) {
      if (!/^\s*data:/i.test(value)) continue;
      const comma = value.indexOf(',');
      const isBase64 = /;base64$/i.test(value.slice(0, comma).trim());
      this.opening.drop(`${name} data:`, 'media', Buffer.from(value.slice(comma + 1), isBase64 ? 'base64' : 'utf8'));
    }
  }
}

/** What a page shows as text; scripts, styles and what is hidden are left out, and targets of links are written behind their words. */
export function textOfHtml(page: string, opening: Opening): string {
  const text = new PageText(opening);
  let scripts = 0;
  const parser = new Parser({
    onopentag: (name, attributes) => {
      if (name === 'script') scripts += 1;
      text.begin(name, attributes);
    },
    ontext: (piece) => text.text(piece),
    onclosetag: (name) => text.end(name),
  });
  for (let at = 0; at < page.length; at += 65_536) parser.write(page.slice(at, at + 65_536));
  parser.end();
  if (scripts > 0) opening.drop(`${scripts} script(s)`, 'script', Buffer.alloc(0));
  return text.all();
}
