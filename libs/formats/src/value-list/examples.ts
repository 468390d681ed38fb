import type { FormatExample } from '../format.js';

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'hashes, told by their length',
    document: [
      '# from the autumn list',
      '9E107D9D372BB6826BD81D3542A419D6',
      '',
      '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
      'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592',
    ].join('\n'),
    expect: {
      signals: [
        '9e107d9d372bb6826bd81d3542a419d6',
        '2fd4e1c67a2d28fced849ee1bb76e7391b93eb12',
        'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592',
      ],
    },
  },
  {
    name: 'perceptual hashes, by the parameter signal_type',
    document: 'F8F8F0CEE0F4A84F06370A22038F63F0B36E2ED596621E1D33E6B39C4E9C9B22\n',
    options: { signalType: 'pdq' },
    expect: { signals: ['f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22'] },
  },
  {
    name: 'addresses, one of them written so that nobody follows it',
    document: 'https://video.example/watch/1\r\nhxxps://files[.]example/a\r\nforum.example\r\n192.0.2.7\r\n',
    expect: { signals: ['https://video.example/watch/1', 'https://files.example/a', 'forum.example'], ignored: 1 },
  },
  {
    name: 'a line that is nothing known costs itself only',
    document: `${MD5}\nnot a value\nforum.example\n${MD5.slice(1)}\nvideo.example\n`,
    expect: { signals: [MD5, 'forum.example', 'video.example'], rejected: 2 },
  },
];
