import type { Container } from '../container.js';
import { OoxmlPackage, type Relations } from '../ooxml/package.js';
import { attribute, readXml } from '../ooxml/read-xml.js';
import type { Opening } from '../opening.js';
import { RowLines, type LineStyle } from './rows.js';

/** Bounds of the format itself (Excel specifications and limits). */
const MOST_ROWS = 1_048_576;
const MOST_COLUMNS = 16_384;

interface Sheet {
  name: string;
  part: string;
}

/** A workbook: each sheet becomes a table. */
export const xlsx: Container = {
  id: 'xlsx',
  title: 'Spreadsheet (Office Open XML)',
  mediaTypes: [
    'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
    'application/vnd.ms-excel.sheet.macroenabled.12',
  ],
  fileExtensions: ['.xlsx', '.xlsm'],

  recognises: ({ entries }) =>
    entries !== undefined && entries.includes('[Content_Types].xml') && entries.includes('xl/workbook.xml'),

  async open(bytes, opening) {
    const workbook = await OoxmlPackage.open(bytes, opening);
    await workbook.lookAtProperties();
    const strings = await sharedStrings(workbook);
    for (const sheet of await sheetsOf(workbook)) {
      opening.countEntry();
      const part = await workbook.part(sheet.part);
      if (!part) continue;
      const links = await linksOf(part, await workbook.relationsOf(sheet.part), opening);
      const as = (style: LineStyle): string => textOf(part, style, { strings, links }, opening);
      opening.keepSheet(sheet.name, as('csv'), () => as('prose'));
    }
    await workbook.dropTheRest();
  },
};

async function sheetsOf(workbook: OoxmlPackage): Promise<Sheet[]> {
  const part = await workbook.part('xl/workbook.xml');
  const relations = await workbook.relationsOf('xl/workbook.xml');
  const sheets: Sheet[] = [];
  if (!part) return sheets;
  readXml(part, workbook.opening, {
    open: (element, attributes) => {
      if (element !== 'sheet') return;
      const target = relations.get(attribute(attributes, 'id') ?? '');
      if (target && !target.isExternal && target.type.endsWith('/worksheet')) {
        sheets.push({ name: attributes['name'] ?? 'sheet', part: target.target });
      }
    },
  });
  return sheets;
}

/** The texts that cells refer to by number; readings of Chinese and Japanese beside them are left out. */
async function sharedStrings(workbook: OoxmlPackage): Promise<string[]> {
  const part = await workbook.part('xl/sharedStrings.xml');
  const strings: string[] = [];
  if (!part) return strings;
  let text = '';
  let isText = false;
  let reading = 0;
  readXml(part, workbook.opening, {
    open: (element) => {
      if (element === 'si') text = '';
      else if (element === 'rPh') reading += 1;
      else if (element === 't') isText = reading === 0;
    },
    text: (piece) => {
      if (isText) text += piece;
    },
    close: (element) => {
      if (element === 't') isText = false;
      else if (element === 'rPh') reading -= 1;
      else if (element === 'si') strings.push(text);
    },
  });
  return strings;
}

/** Where cells lead that say something else, by the name of the cell. */
async function linksOf(part: Buffer, relations: Relations, opening: Opening): Promise<Map<string, string>> {
  const links = new Map<string, string>();
  if (relations.size === 0) return links;
  readXml(part, opening, {
    open: (element, attributes) => {
      if (element !== 'hyperlink') return;
      const target = relations.get(attribute(attributes, 'id') ?? '');
      const cell = attributes['ref'];
      if (target?.isExternal && cell !== undefined && /^(?:https?|ftp):/i.test(target.target)) {
        links.set(cell, target.target);
      }
    },
  });
  return await Promise.resolve(links);
}

/** Column and row of a name such as `BC12`, from 0; undefined when it is none. */
function placeOf(name: string | undefined): { column: number; row: number } | undefined {
  const [, letters = '', digits = ''] = /^([A-Z]{1,3})([1-9]\d{0,6})$/.exec(name ?? '') ?? [];
  if (letters === '') return undefined;
  let column = 0;
  for (const letter of letters) column = column * 26 + letter.charCodeAt(0) - 64;
  return { column: column - 1, row: Number(digits) - 1 };
}

/** The text of a sheet, a row a line. */
function textOf(
  part: Buffer,
  style: LineStyle,
  { strings, links }: { strings: readonly string[]; links: ReadonlyMap<string, string> },
  opening: Opening,
): string {
  const lines = new RowLines(style, opening.limits.textBytes);
  let row = -1;
  let column = -1;
  let kind = '';
  let name = '';
  let text = '';
  let isText = false;
  let reading = 0;
  const put = (): void => {
    const said = kind === 's' ? (strings[Number(text)] ?? '') : kind === 'b' ? (text === '1' ? 'TRUE' : 'FALSE') : text;
    const link = links.get(name);
    const whole = link !== undefined && !said.includes('.') ? `${said} <${link}>` : said;
    if (whole === '' || row < 0 || row >= MOST_ROWS || column < 0 || column >= MOST_COLUMNS) return;
    if (row < lines.at) throw opening.refused('the rows of a sheet are not in order', 'broken');
    lines.add(row, column, whole);
  };
  readXml(part, opening, {
    open: (element, attributes) => {
      if (element === 'row') {
        row = attributes['r'] === undefined ? row + 1 : Number(attributes['r']) - 1;
        column = -1;
      } else if (element === 'c') {
        name = attributes['r'] ?? '';
        column = placeOf(name)?.column ?? column + 1;
        kind = attributes['t'] ?? 'n';
        text = '';
      } else if (element === 'rPh') reading += 1;
      else if (element === 'v' || element === 't') isText = reading === 0;
    },
    text: (piece) => {
      if (isText) text += piece;
    },
    close: (element) => {
      if (element === 'v' || element === 't') isText = false;
      else if (element === 'rPh') reading -= 1;
      else if (element === 'c') put();
    },
  });
  return lines.all();
}
