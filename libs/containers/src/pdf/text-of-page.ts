/** What is used of a page of pdf.js. */
interface Page {
  getTextContent(): Promise<{ items: readonly unknown[] }>;
  getAnnotations(): Promise<unknown[]>;
}

const READABLE_LINK = /^(?:https?|ftp):\/\//i;

function isText(item: unknown): item is { str: string; hasEOL: boolean } {
  return typeof item === 'object' && item !== null && 'str' in item && typeof item.str === 'string';
}

/** The lines of a page, and behind them the links whose targets the words do not say. */
export async function textOfPage(page: Page): Promise<string> {
  const { items } = await page.getTextContent();
  const pieces: string[] = [];
  for (const item of items) {
    if (!isText(item)) continue;
    pieces.push(item.str.replace(/[\r\n\0]+/g, ' '));
    if (item.hasEOL) pieces.push('\n');
  }
  const text = pieces.join('').replace(/[ \t]+\n/g, '\n');
  const links = new Set<string>();
  for (const annotation of await page.getAnnotations()) {
    const url = (annotation as { url?: unknown }).url;
    if (typeof url === 'string' && READABLE_LINK.test(url) && !text.includes(url)) links.add(`<${url}>`);
  }
  return `${text.trimEnd()}\n${[...links].map((link) => `${link}\n`).join('')}`;
}
