import { TocsinError } from '#libs/domain';
import { byteSource, describeFormat, readAll } from '#libs/testing';
import { FORMATS } from '../registry.js';
import { frameDocuments } from './framing.js';

const format = FORMATS.get('opened-container')!;
const hash = (item: number): string => item.toString(16).padStart(64, '0').replace(/^0/, 'a');

function framed(...documents: [format: string, text: string, positions?: number][]): Buffer {
  return frameDocuments(
    documents.map(([id, text, positions]) => ({
      format: id,
      bytes: Buffer.from(text),
      positions: positions ?? text.split('\n').length,
    })),
  );
}

describeFormat(format, {
  *many(items) {
    const half = Array.from({ length: items / 2 }, (_none, item) => `${hash(item)}\n`).join('');
    const whole = framed(['value-list', half], ['value-list', half]);
    for (let at = 0; at < whole.length; at += 65_536) yield whole.subarray(at, at + 65_536).toString('latin1');
  },
  endless: '{"opened_container":1,"documents":[{"format":"',
});

describe('the documents of an opened container', () => {
  it('count their positions one behind the other', async () => {
    const document = framed(['value-list', `${hash(1)}\n${hash(2)}\n`], ['value-list', `nonsense\n${hash(3)}\n`]);
    const { items } = await readAll(format, byteSource(document));
    expect(items.map((item) => item.kind !== 'advisory' && item.position)).toEqual([1, 2, 4, 5]);
  });

  it.each([
    ['before it', ['Subject: TLP:AMBER\n\nA list is attached to this mail.\n', `url\nhttps://a.example/1\n`]],
    ['behind it', [`url\nhttps://a.example/1\n`, 'TLP:AMBER\n\nA list is attached to this mail.\n']],
  ])('are all under the strictest marking that one says of itself, %s', async (_name, texts) => {
    const documents = texts.map((text): [string, string] => [text.startsWith('url') ? 'csv-list' : 'text', text]);
    const { items } = await readAll(format, byteSource(framed(...documents)));
    expect(items).toMatchObject([{ kind: 'candidate', draft: { marking: { tlp: 'amber' } } }]);
  });

  it('keep what else an item says of itself under a marking', async () => {
    const stix = JSON.stringify({
      type: 'bundle',
      id: 'bundle--6ba7b810-9dad-41d1-80b4-00c04fd430c8',
      objects: [
        {
          type: 'indicator',
          spec_version: '2.1',
          id: 'indicator--6ba7b811-9dad-41d1-80b4-00c04fd430c8',
          created: '2026-01-01T00:00:00.000Z',
          modified: '2026-01-01T00:00:00.000Z',
          pattern: "[url:value = 'https://a.example/1']",
          pattern_type: 'stix',
          valid_from: '2026-01-01T00:00:00Z',
          valid_until: '2031-01-01T00:00:00Z',
        },
      ],
    });
    const { items } = await readAll(format, byteSource(framed(['value-list', `# TLP:AMBER\n`], ['stix21', stix, 9])));
    expect(items).toMatchObject([
      { draft: { marking: { tlp: 'amber' }, validUntil: '2031-01-01T00:00:00.000Z' }, position: 3 },
    ]);
  });

  it('are for nobody when one says a marking that nobody knows', async () => {
    const { items } = await readAll(
      format,
      byteSource(framed(['value-list', '# TLP:PUCE\n'], ['value-list', `${hash(1)}\n`])),
    );
    expect(items).toMatchObject([{ kind: 'rejected', code: 'TOC_ITEM_MARKING' }]);
  });

  it('cost themselves only when one cannot be read', async () => {
    const document = framed(['csv-list', 'a,b\n1,2\n'], ['cobol', '{}'], ['value-list', `${hash(1)}\n`]);
    const { items } = await readAll(format, byteSource(document));
    expect(items).toMatchObject([
      { kind: 'rejected', position: 1 },
      { kind: 'rejected', position: 4, code: 'TOC_SUBMISSION_FORMAT' },
      { kind: 'candidate', position: 5 },
    ]);
  });

  it.each([
    ['no documents', '{"opened_container":1,"documents":[]}\n'],
    [
      'one that is longer than the whole',
      '{"opened_container":1,"documents":[{"format":"text","bytes":9,"positions":1}]}\n',
    ],
    ['a length that is none', '{"opened_container":1,"documents":[{"format":"text","bytes":-1,"positions":1}]}\nx'],
    ['null', '{"opened_container":1,"documents":[null]}\n'],
    ['no list', '{"opened_container":1,"documents":7}\n'],
  ])('are refused as a whole when the heading tells of %s', async (_name, text) => {
    const { refused } = await readAll(format, byteSource(text));
    expect(refused).toBeInstanceOf(TocsinError);
    expect(refused?.code).toBe('TOC_SUBMISSION_MALFORMED');
  });
});
