import type { FormatExample } from '../format.js';

const SHA256 = 'd7a8fbb307d7809469ca9abcb0082e4f8d5651e46d3cdb762d02d0bf37c9e592';
const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const uuid = (number: number): string => `5b8d9d33-ccf0-4fd9-82dc-${String(number).padStart(12, '0')}`;

const attribute = (number: number, type: string, value: string, more: object = {}) => ({
  ...{ uuid: uuid(number), type, category: 'Payload delivery', to_ids: true, timestamp: '1767607200' },
  ...{ distribution: '5', deleted: false, value, Tag: [] as object[] },
  ...more,
});

const event = (attributes: readonly object[], more: object = {}) => ({
  Event: {
    ...{ uuid: uuid(999), info: 'Never leaves', date: '2026-01-05', threat_level_id: '2', analysis: '2' },
    ...{ published: true, timestamp: '1767607200', distribution: '3', Orgc: { name: 'An agency', uuid: uuid(998) } },
    ...{ Tag: [{ name: 'tlp:green' }], Attribute: attributes, Object: [] as object[] },
    ...more,
  },
});

export const EXAMPLES: readonly FormatExample[] = [
  {
    name: 'an event; what is there for context is ignored',
    document: JSON.stringify(
      event([
        attribute(1, 'sha256', SHA256),
        attribute(2, 'filename|md5', `video.mp4|${MD5}`),
        attribute(3, 'url', 'https://video.example/watch/1'),
        attribute(4, 'ip-dst', '192.0.2.7'),
        attribute(5, 'domain', 'context.example', { to_ids: false }),
      ]),
      undefined,
      1,
    ),
    expect: { signals: [SHA256, MD5, 'https://video.example/watch/1'], ignored: 2 },
  },
  {
    name: 'a response with two events, an object, and an attribute that is wrong',
    document: JSON.stringify({
      response: [
        event([attribute(6, 'domain|ip', 'forum.example|192.0.2.9'), attribute(7, 'md5', 'no hash')]),
        event([], { Object: [{ name: 'file', uuid: uuid(997), Attribute: [attribute(8, 'sha256', SHA256)] }] }),
      ],
    }),
    expect: { signals: ['forum.example', SHA256], rejected: 1 },
  },
];
