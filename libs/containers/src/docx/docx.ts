import type { Container } from '../container.js';
import { OoxmlPackage } from '../ooxml/package.js';
import { PartText } from './part-text.js';

const MAIN = 'word/document.xml';

/** A text document: paragraphs, tables, links, and what stands above, below and under its pages. */
export const docx: Container = {
  id: 'docx',
  title: 'Text document (Office Open XML)',
  mediaTypes: [
    'application/vnd.openxmlformats-officedocument.wordprocessingml.document',
    'application/vnd.ms-word.document.macroenabled.12',
  ],
  fileExtensions: ['.docx', '.docm'],

  recognises: ({ entries }) =>
    entries !== undefined && entries.includes('[Content_Types].xml') && entries.includes(MAIN),

  async open(bytes, opening) {
    const document = await OoxmlPackage.open(bytes, opening);
    await document.lookAtProperties();
    const texts: string[] = [];
    // Markings stand above and below the pages; here they come first, where they are looked for.
    const parts = [
      ...document.names(/^word\/(?:header|footer)\d*\.xml$/i).sort(),
      MAIN,
      ...document.names(/^word\/(?:footnotes|endnotes)\.xml$/i).sort(),
    ];
    for (const name of parts) {
      opening.countEntry();
      const part = await document.part(name);
      if (!part) continue;
      const text = new PartText(await document.relationsOf(name), opening).of(part).trim();
      if (text !== '' && !texts.includes(text)) texts.push(text);
    }
    opening.keepProse('text', texts.length > 0 ? `${texts.join('\n\n')}\n` : '');
    await document.dropTheRest();
  },
};
