import { whatWordsSay, type Said } from './what-words-say.js';

const SEPARATOR_ROW = /^[|\s:=+-]+$/;
/** More columns than this are not remembered. */
const MOST_COLUMNS = 64;

/** The table in which a row stands (Markdown, AsciiDoc): its first row names the columns. */
export class Tables {
  private columns?: Said[];

  /** @param text without white space around it; a line that is no row ends the table */
  take(text: string, hasValues: boolean): void {
    if (!text.startsWith('|')) {
      if (text !== '') this.columns = undefined;
      return;
    }
    if (SEPARATOR_ROW.test(text)) return;
    if (this.columns) return;
    this.columns = hasValues
      ? []
      : text
          .split('|', MOST_COLUMNS)
          .slice(1)
          .map((cell) => whatWordsSay(cell));
  }

  /** What the head of a column says; `false` when it says nothing, but others do. */
  said(column: number): Said | false | undefined {
    const said = this.columns?.[column];
    if (said?.announces ?? said?.denies) return said;
    if (this.columns?.some(({ announces, denies }) => announces ?? denies)) return said?.isPdq ? said : false;
    return said;
  }
}
