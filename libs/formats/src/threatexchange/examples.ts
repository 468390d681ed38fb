import type { FormatExample } from '../format.js';

const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';

/** A descriptor as the interface answers it. */
export const descriptor = (id: number, type: string, raw_indicator: string, more: object = {}): object => ({
  ...{ id: String(4_000_000_000 + id), type, raw_indicator, status: 'MALICIOUS', severity: 'SEVERE', confidence: 90 },
  ...{ privacy_type: 'VISIBLE', share_level: 'AMBER', added_on: '2026-01-05T10:00:00+0000' },
  ...{ owner: { id: '1', name: 'A member', email: 'x' }, tags: { data: [{ text: 'a_tag' }] } },
  ...more,
});

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'opinions of members',
    document: JSON.stringify({
      data: [
        descriptor(1, 'HASH_SHA256', SHA256),
        descriptor(2, 'HASH_PDQ', PDQ, { status: 'SUSPICIOUS' }),
        descriptor(3, 'URI', 'https://video.example/watch/1'),
        descriptor(4, 'HASH_SHA256', SHA256, { status: 'NON_MALICIOUS' }),
        descriptor(5, 'IP_ADDRESS', '192.0.2.1'),
        descriptor(6, 'HASH_SHA256', SHA256, { privacy_type: 'HAS_PRIVACY_GROUP' }),
      ],
      paging: { cursors: { after: 'x' } },
    }),
    expect: { signals: [SHA256, PDQ, 'https://video.example/watch/1'], ignored: 2, rejected: 1 },
  },
];
