import { TocsinError } from '#libs/domain';
import { detectFormat, formatById, type DeclaredFormat } from './detect-format.js';
import { FORMATS } from './registry.js';

function refusalOf(act: () => unknown): TocsinError | undefined {
  try {
    act();
    return undefined;
  } catch (thrown) {
    if (thrown instanceof TocsinError) return thrown;
    throw thrown;
  }
}

const MD5 = '9e107d9d372bb6826bd81d3542a419d6';
const told = (text: string, declared?: DeclaredFormat): string => detectFormat(Buffer.from(text), declared).format.id;

describe('telling the format', () => {
  it('believes a declared id, and refuses one that is not known with those that are', () => {
    expect(told(`${MD5}\n`, { id: 'csv-list' })).toBe('csv-list');
    const refusal = refusalOf(() => formatById('cobol'));
    expect(refusal?.code).toBe('TOC_SUBMISSION_FORMAT');
    expect(refusal?.facts).toEqual({ known: [...FORMATS.keys()].filter((id) => id !== 'opened-container') });
    expect(refusalOf(() => told('{', { id: '__proto__' }))?.code).toBe('TOC_SUBMISSION_FORMAT');
  });

  it.each([
    [`${MD5}\n`, 'value-list'],
    ['\ufeffhttps://a.example/\n', 'value-list'],
    [`# note\n\nmd5;note\n${MD5};x\n`, 'csv-list'],
    [`{"hash_digest":"${MD5}","algorithm":"MD5"}\n`, 'ndjson-list'],
    ['\ufeff {"objects":[], "type" : "bundle"}', 'stix21'],
    ['{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","spec_version":"2.0"}', 'stix21'],
    ['This is a letter.\nIt has two lines.\n', 'text'],
    ['TLP:AMBER\n\nWe saw it at hxxp://a[.]example.org yesterday.\n', 'text'],
    [`== Files\n\n----\n${MD5}\n${MD5}\n----\n\n== Domains\n\na.example.org\n`, 'text'],
    [`${MD5} dropper\n${MD5} payload of the second stage\n`, 'text'],
    [`# words of a comment at the head\n# and more of them\n${MD5}\nnot a value at all\n${MD5}\n`, 'value-list'],
    ['[{"type":"url","id":"url--5d0092c5-5f74-4287-9642-33f4c354e56d"}]', 'stix21'],
  ])('believes the bytes: %s', (text, id) => {
    expect(told(text)).toBe(id);
    expect(told(text, { mediaType: 'text/plain; charset=utf-8', fileName: 'a.txt' })).toBe(id);
    expect(told(text, { mediaType: 'application/stix+json' })).toBe(id);
  });

  it('falls back on a media type or a name that means one format only', () => {
    expect(told('a,b\n1,2\n', { mediaType: 'Text/CSV; header=present' })).toBe('csv-list');
    expect(told('a,b\n1,2\n', { fileName: 'list.CSV' })).toBe('csv-list');
    expect(detectFormat(Buffer.from('{}'), { mediaType: 'application/x-ndjson' }).by).toBe('media-type');
  });

  it.each([
    ['words', 'one\ntwo words\n'],
    ['columns of which nobody knows the heads', 'some, words of, prose here\nand more, in the, second line\n'],
    ['a mail', 'Received: by a\nFrom: b\nSubject: we found what is in this letter\n\nhxxp://a[.]example.org\n'],
    ['HTML', '<p>There are some words here.</p>\n'],
    ['JSON of something else', '{"Alert":{"info":"x"}}'],
    ['XML', '<?xml version="1.0"?><a/>'],
    ['bytes', '\u0001\u0002\u0003'],
    ['nothing', ''],
  ])('refuses %s, whatever vague things are said about it', (_what, text) => {
    for (const declared of [
      {},
      { mediaType: 'text/plain' },
      { fileName: 'a.json' },
      { mediaType: 'application/octet-stream' },
    ]) {
      const refusal = refusalOf(() => told(text, declared));
      expect(refusal?.code).toBe('TOC_SUBMISSION_FORMAT');
      expect(refusal?.detail).toContain('value-list');
    }
  });

  it('refuses the mark of another encoding', () => {
    const refusal = refusalOf(() => detectFormat(Buffer.from('\ufeffa', 'utf16le')));
    expect(refusal?.code).toBe('TOC_SUBMISSION_ENCODING');
  });
});
