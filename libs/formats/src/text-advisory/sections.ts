import { whatWordsSay, LONGEST_WORDS, type Said } from './what-words-say.js';

const FENCE = /^(?:`{3,}|~{3,})/;
const DELIMITER = /^(?:-{4,}|\.{4,}|={4,}|\*{4,})$/;
const UNDERLINE = /^(?:={3,}|-{3,})$/;
const MARKED_HEADING = /^(#{1,6}|={1,6})[ \t]+(\S.*)$/;
/** The title of a block in AsciiDoc: `.Other servers`. */
const BLOCK_TITLE = /^\.(?=[\p{L}\p{N}])/u;
const BOLD_LINE = /^(?:\*\*|__)(?=\S)(.*\S)(?:\*\*|__):?$/;
const SIGN_OFF =
  /^(?:--|(?:(?:with )?(?:kind|best|warm)(?:est)? regards|regards|yours (?:sincerely|faithfully|truly)|sincerely|best wishes),?)$/i;
const RULE_BEGINS = /^(?:(?:private|global)[ \t]+)*rule[ \t]+[A-Za-z_]\w*[ \t]*(?::[\w \t]*)?(?:\{|$)/;
const SIGMA_BEGINS = /^(?:logsource|detection):$/;
const NETWORK_RULE = /^(?:alert|drop|reject|log|pass)[ \t]+(?:tcp|udp|ip|icmp|http|dns|tls|ssl)[ \t]/;
const ARMOUR_BEGINS = /^-{5}BEGIN [A-Z0-9 ]{3,40}-{5}$/;
const ARMOUR_ENDS = /^-{5}END [A-Z0-9 ]{3,40}-{5}$/;
/** Most lines that a rule of detection or an armoured block takes up; then it was none. */
const LONGEST_BLOCK = 2_000;
/** Headings that are only words: a line of capitals, words before a colon, bold words. */
const LOOSE = 8;

/** What a line is, besides its values. */
export type LineKind = 'blank' | 'heading' | 'delimiter' | 'skipped' | 'rule' | 'text';

interface Heading {
  level: number;
  said: Said;
  /** The title of the document: it names its subject, and announces nothing. */
  isTitle: boolean;
}

/**
 * Where in a document a line stands: the headings over it, blocks of code, rules of detection, the end of a letter.
 * Remembers a bounded number of headings and no text.
 */
export class Sections {
  private headings: Heading[] = [];
  private hasTitle = false;
  private inFence = false;
  private skipping?: { until: RegExp; lines: number };
  private signedOff = false;
  private before: LineKind = 'blank';

  /**
   * Takes the next line.
   * @param text without white space around it
   * @param hasValues whether something of the shape of a value is in it, so that it is no heading of words alone
   * @param next the line after it
   */
  take(text: string, hasValues: boolean, next: string | undefined): LineKind {
    this.before = this.kindOf(text, hasValues, next);
    return this.before;
  }

  /** The nearest heading that says anything. */
  said(): Said {
    if (this.signedOff) return { denies: 'reference' };
    let isNoContentDigest: boolean | undefined;
    let isPdq: boolean | undefined;
    for (const { said, isTitle } of this.headings.toReversed()) {
      isNoContentDigest ??= said.isNoContentDigest;
      isPdq ??= said.isPdq;
      if (said.denies ?? (said.announces !== undefined && !isTitle)) {
        return { ...said, ...(isNoContentDigest ? { isNoContentDigest } : {}), ...(isPdq ? { isPdq } : {}) };
      }
    }
    return { ...(isNoContentDigest ? { isNoContentDigest } : {}), ...(isPdq ? { isPdq } : {}) };
  }

  private kindOf(text: string, hasValues: boolean, next: string | undefined): LineKind {
    if (this.skipping) return this.skip(text);
    if (text === '') return 'blank';
    if (RULE_BEGINS.test(text)) return this.skipUntil(/^\}$/, 'rule');
    if (SIGMA_BEGINS.test(text)) return this.skipUntil(/^$|^```|^(?:level|falsepositives|tags):/, 'rule');
    if (ARMOUR_BEGINS.test(text)) return this.skipUntil(ARMOUR_ENDS, 'skipped');
    if (NETWORK_RULE.test(text)) return 'rule';
    if (FENCE.test(text)) return this.fence();
    if (UNDERLINE.test(text) && this.before === 'heading') return 'delimiter';
    if (DELIMITER.test(text)) return this.fence();
    if (SIGN_OFF.test(text)) {
      this.signedOff = true;
      return 'delimiter';
    }
    if (!hasValues) return this.heading(text, next?.trim() ?? '');
    return 'text';
  }

  private fence(): LineKind {
    this.inFence = !this.inFence;
    return 'delimiter';
  }

  private skipUntil(until: RegExp, kind: LineKind): LineKind {
    this.skipping = { until, lines: 0 };
    return kind;
  }

  private skip(text: string): LineKind {
    const { skipping } = this;
    if (!skipping) return 'text';
    skipping.lines += 1;
    if (skipping.until.test(text) || skipping.lines > LONGEST_BLOCK) {
      this.skipping = undefined;
      if (FENCE.test(text)) this.fence();
    }
    return 'skipped';
  }

  private heading(text: string, next: string): LineKind {
    const marked = MARKED_HEADING.exec(text);
    if (marked) return this.open(marked[1]?.length ?? 1, marked[2] ?? '');
    if (text.startsWith('|')) return 'text';
    if (
      !this.inFence &&
      UNDERLINE.test(next) &&
      !text.endsWith('.') &&
      /\p{L}/u.test(text) &&
      !BLOCK_TITLE.test(text)
    ) {
      return this.open(next.startsWith('=') ? 1 : 2, text);
    }
    if (BLOCK_TITLE.test(text)) return this.open(LOOSE, text.slice(1));
    const bold = BOLD_LINE.exec(text)?.[1];
    if (bold !== undefined) return this.open(LOOSE, bold);
    const isCapitals = text.length <= LONGEST_WORDS && /\p{Lu}{3}/u.test(text) && text === text.toUpperCase();
    if (isCapitals && !/^[-*\u2022|]/.test(text)) return this.open(LOOSE, text);
    if (text.endsWith(':') && text.length <= LONGEST_WORDS) return this.open(LOOSE, text);
    // A sentence ends what loose words announced.
    if (!/^(?:[-*\u2022|]|\d+[.)])/.test(text) && text.split(/\s+/, 6).length > 5) this.close(LOOSE);
    return 'text';
  }

  private close(level: number): void {
    this.headings = this.headings.filter((heading) => heading.level < level);
  }

  private open(level: number, words: string): LineKind {
    this.close(level);
    const said = whatWordsSay(words, true);
    // A sentence may speak of references, of a licence, of anything.
    if (said.denies === 'reference' && words.split(/\s+/, 7).length > 6) delete said.denies;
    this.headings.push({ level, said, isTitle: !this.hasTitle && level === 1 });
    this.hasTitle ||= level === 1;
    if (level < LOOSE) this.signedOff = false;
    return 'heading';
  }
}
