import type { FormatExample } from '../format.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'value, type and quality',
    document: [
      `{"type":"pdq","value":"${PDQ}","quality":88}`,
      `{"type":"sha256","value":"${SHA256}"}`,
      '{"value":"https://video.example/watch/1"}',
    ].join('\n'),
    expect: { signals: [PDQ, SHA256, 'https://video.example/watch/1'] },
  },
  {
    name: 'as a hash exchange writes it; what it has deleted asserts nothing',
    document: [
      `{"hash_digest":"${MD5}","algorithm":"MD5","deleted":false,"id":1}`,
      `{"hash_digest":"${MD5.replace('9', '8')}","algorithm":"MD5","deleted":true,"id":2}`,
    ].join('\n'),
    expect: { signals: [MD5], ignored: 1 },
  },
  {
    name: 'several hashes of one file, and lines that cost themselves only',
    document: `{"md5":"${MD5}","sha256":"${SHA256}"}\n{"md5":\n{"md5":"${MD5}","md5":"${MD5}"}\n[1]\n`,
    expect: { signals: [MD5, SHA256], rejected: 3 },
  },
];
