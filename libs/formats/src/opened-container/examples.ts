import type { FormatExample } from '../format.js';
import { frameDocuments } from './framing.js';

const URL_OF_TABLE = 'https://video.example/watch/2';
const HASH = 'c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a';

function framed(...documents: [format: string, text: string][]): string {
  return frameDocuments(
    documents.map(([format, text]) => ({
      format,
      bytes: Buffer.from(text),
      positions: text.split('\n').length,
    })),
  ).toString();
}

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'a mail with a table',
    document: framed(
      ['text', 'Subject: a new mirror\n\nThe video is also at hxxps://forum[.]example/t/1 since this morning.\n'],
      ['csv-list', `url,note\n${URL_OF_TABLE},copy\nnonsense,\n`],
    ),
    expect: { signals: ['https://forum.example/t/1', URL_OF_TABLE], rejected: 1 },
  },
  {
    name: 'three lists, one of which has nothing',
    document: framed(
      ['value-list', `# TLP:GREEN\n${HASH}\n192.0.2.1\n`],
      ['csv-list', 'a,b\n1,2\n'],
      ['value-list', `\n\n${URL_OF_TABLE}`],
    ),
    expect: { signals: [HASH, URL_OF_TABLE], rejected: 1, ignored: 1 },
  },
];
