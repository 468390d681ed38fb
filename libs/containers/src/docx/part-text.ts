import type { Relations } from '../ooxml/package.js';
import { attribute, readXml } from '../ooxml/read-xml.js';
import type { Opening } from '../opening.js';

const LINK_FIELD = /HYPERLINK\s+"((?:https?|ftp):[^"\s]+)"/i;
const READABLE_LINK = /^(?:https?|ftp):/i;

/** The text of one part of a document (ECMA-376, part 1, 17): a paragraph a line, a row of a table a line. */
export class PartText {
  private readonly lines: string[] = [];
  private paragraph = '';
  private heading = 0;
  private isListed = false;
  private isText = false;
  /** Deleted text and alternatives of what was said already are passed over. */
  private passedOver = 0;
  private field = '';
  private isField = false;
  private readonly links: { target: string; from: number }[] = [];
  /** Rows of tables that are open, innermost last. */
  private readonly rows: string[][] = [];
  private readonly cells: string[] = [];

  constructor(
    private readonly relations: Relations,
    private readonly opening: Opening,
  ) {}

  of(part: Buffer): string {
    readXml(part, this.opening, {
      open: (name, attributes) => this.open(name, attributes),
      text: (text) => this.text(text),
      close: (name) => this.close(name),
    });
    return this.lines.join('\n');
  }

  private open(name: string, attributes: Readonly<Record<string, string>>): void {
    if (name === 'del' || name === 'moveFrom' || name === 'Fallback') this.passedOver += 1;
    if (this.passedOver > 0) return;
    switch (name) {
      case 'pStyle':
        this.style(attribute(attributes, 'val') ?? '');
        break;
      case 'numPr':
        this.isListed = true;
        break;
      case 't':
        this.isText = true;
        break;
      case 'instrText':
        this.isField = true;
        break;
      case 'tab':
        if (this.paragraph !== '') this.paragraph += '\t';
        break;
      case 'br':
      case 'cr':
        this.paragraph += this.cells.length > 0 ? ' ' : '\n';
        break;
      case 'noBreakHyphen':
        this.paragraph += '-';
        break;
      case 'hyperlink':
        this.links.push({ target: this.targetOf(attributes), from: this.paragraph.length });
        break;
      case 'tr':
        this.rows.push([]);
        break;
      case 'tc':
        this.cells.push('');
        break;
      default:
    }
  }

  private style(style: string): void {
    const level = /^(?:heading|berschrift|titre|titulo)\s?([1-6])$/i.exec(style.replace('Ü', ''))?.[1];
    if (level !== undefined) this.heading = Number(level);
    else if (/^title$/i.test(style)) this.heading = 1;
  }

  private targetOf(attributes: Readonly<Record<string, string>>): string {
    const relation = this.relations.get(attribute(attributes, 'id') ?? '');
    return relation?.isExternal && READABLE_LINK.test(relation.target) ? relation.target : '';
  }

  private text(text: string): void {
    if (this.passedOver > 0) return;
    if (this.isText) this.paragraph += text;
    else if (this.isField) this.field += text;
  }

  private close(name: string): void {
    if (name === 'del' || name === 'moveFrom' || name === 'Fallback') {
      this.passedOver -= 1;
      return;
    }
    if (this.passedOver > 0) return;
    switch (name) {
      case 't':
        this.isText = false;
        break;
      case 'instrText':
        this.isField = false;
        break;
      case 'hyperlink':
        this.endLink();
        break;
      case 'p':
        this.endParagraph();
        break;
      case 'tc':
        this.rows.at(-1)?.push(this.cells.pop()?.trim() ?? '');
        break;
      case 'tr':
        this.endRow();
        break;
      default:
    }
  }

  /** A link says where it leads when its words do not. */
  private endLink(): void {
    const link = this.links.pop();
    if (link && link.target !== '' && this.paragraph.slice(link.from).trim() !== link.target) {
      this.paragraph += ` <${link.target}> `;
    }
  }

  private endParagraph(): void {
    const target = LINK_FIELD.exec(this.field)?.[1];
    if (target !== undefined && !this.paragraph.includes(target)) this.paragraph += ` <${target}>`;
    const text = this.paragraph.trimEnd();
    if (this.cells.length > 0) this.cells.push(`${this.cells.pop() ?? ''} ${text}`);
    else if (this.heading > 0 && text !== '') this.say(`\n${'#'.repeat(this.heading)} ${text}\n`);
    else this.say(this.isListed && text !== '' ? `- ${text}` : text);
    this.paragraph = '';
    this.field = '';
    this.heading = 0;
    this.isListed = false;
  }

  private endRow(): void {
    const row = `| ${(this.rows.pop() ?? []).map((cell) => cell.replaceAll('|', ' ')).join(' | ')} |`;
    // A table in a cell becomes part of the cell.
    if (this.cells.length > 0) this.cells.push(`${this.cells.pop() ?? ''} ${row.replaceAll('|', ' ')}`);
    else this.say(row);
  }

  private say(line: string): void {
    this.lines.push(line);
    this.opening.charge(line.length);
  }
}
