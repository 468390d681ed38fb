import { makeZip, type MadeEntry } from './make-zip.js';

const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';
const RELATIONS = 'http://schemas.openxmlformats.org/package/2006/relationships';
const OFFICE = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
const TYPES = `${HEAD}<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`;

/** A text as it stands in XML. */
export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}

interface Relation {
  id: string;
  type: string;
  target: string;
  isExternal?: boolean;
}

export function relations(...all: Relation[]): string {
  const each = all.map(
    ({ id, type, target, isExternal }) =>
      `<Relationship Id="${id}" Type="${OFFICE}/${type}" Target="${escaped(target)}"${isExternal ? ' TargetMode="External"' : ''}/>`,
  );
  return `${HEAD}<Relationships xmlns="${RELATIONS}">${each.join('')}</Relationships>`;
}

/** Name of a column by its number, from 0. */
function letters(column: number): string {
  return column < 26 ? String.fromCharCode(65 + column) : letters(Math.floor(column / 26) - 1) + letters(column % 26);
}

/** A workbook; every text is shared but the last cell of each row, which stands in its place. */
export function makeXlsx(sheets: Record<string, string[][]>, more: readonly MadeEntry[] = []): Buffer {
  const strings: string[] = [];
  const names = Object.keys(sheets);
  const parts = Object.values(sheets).map((rows) => {
    const lines = rows.map((row, index) => {
      const cells = row.map((text, column) => {
        const place = `r="${letters(column)}${index + 1}"`;
        if (text === '') return '';
        if (column === row.length - 1) return `<c ${place} t="inlineStr"><is><t>${escaped(text)}</t></is></c>`;
        return `<c ${place} t="s"><v>${strings.push(text) - 1}</v></c>`;
      });
      return `<row r="${index + 1}">${cells.join('')}</row>`;
    });
    return `${HEAD}<worksheet><sheetData>${lines.join('')}</sheetData></worksheet>`;
  });
  const listed = names.map((name, index) => `<sheet name="${escaped(name)}" sheetId="${index + 1}" r:id="s${index}"/>`);
  const shared = strings.map((text) => `<si><t>${escaped(text)}</t></si>`).join('');
  return makeZip([
    { name: '[Content_Types].xml', bytes: TYPES },
    {
      name: 'xl/workbook.xml',
      bytes: `${HEAD}<workbook xmlns:r="${OFFICE}"><sheets>${listed.join('')}</sheets></workbook>`,
    },
    {
      name: 'xl/_rels/workbook.xml.rels',
      bytes: relations(
        ...names.map((_name, index) => ({
          id: `s${index}`,
          type: 'worksheet',
          target: `worksheets/sheet${index}.xml`,
        })),
      ),
    },
    { name: 'xl/sharedStrings.xml', bytes: `${HEAD}<sst>${shared}</sst>` },
    ...parts.map((bytes, index) => ({ name: `xl/worksheets/sheet${index}.xml`, bytes })),
    ...more,
  ]);
}

/** A text document of the given body, in the words of WordprocessingML. */
export function makeDocx(body: string, more: readonly MadeEntry[] = []): Buffer {
  return makeZip([
    { name: '[Content_Types].xml', bytes: TYPES },
    {
      name: 'word/document.xml',
      bytes: `${HEAD}<w:document xmlns:w="w" xmlns:r="r"><w:body>${body}</w:body></w:document>`,
    },
    ...more,
  ]);
}

export function paragraph(text: string, properties = ''): string {
  return `<w:p>${properties === '' ? '' : `<w:pPr>${properties}</w:pPr>`}<w:r><w:t xml:space="preserve">${escaped(text)}</w:t></w:r></w:p>`;
}
