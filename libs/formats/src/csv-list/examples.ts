import type { FormatExample } from '../format.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const SHA1 = '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12';
const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'one file with several hashes is one item',
    document: `MD5,SHA-1,SHA256,First seen\n${MD5},${SHA1},${SHA256},2026-01-05\n`,
    expect: { signals: [MD5, SHA1, SHA256] },
  },
  {
    name: 'a type column, semicolons, a line end inside quotation marks',
    document: [
      'Type;Indicator;Note',
      'Domain;forum[.]example;"first line',
      'second line"',
      'URL;https://video.example/a,b;"said ""twice"""',
      'IPv4;192.0.2.7;',
      'Colour;blue;',
    ].join('\r\n'),
    expect: { signals: ['forum.example', 'https://video.example/a,b'], ignored: 1, rejected: 1 },
  },
  {
    name: 'perceptual hashes with their quality',
    document: `pdq\tquality\n${PDQ}\t97\n${PDQ.replace('f8', '0f')}\t101\n`,
    expect: { signals: [PDQ], rejected: 1 },
  },
  {
    name: 'columns that the submission names',
    document: `when,what\n2026-01-05,${SHA1}\n`,
    options: { columns: { value: 'what' } },
    expect: { signals: [SHA1] },
  },
  {
    name: 'no header: the column by its number',
    document: `2026-01-05,${SHA1}\n2026-01-06,${SHA1.replace('2', '3')}\n`,
    options: { columns: { value: '2' } },
    expect: { signals: [SHA1, SHA1.replace('2', '3')] },
  },
];
