import { deflateSync } from 'node:zlib';
import { TocsinError } from '#libs/domain';
import { makePage, makePdf, stream } from '../../test/make-pdf.js';
import { PICTURE, opened, refusal } from '../../test/opened-in-test.js';
import { mayBeContainer } from '../recognise-container.js';

describe('a PDF document', () => {
  it('gives the lines of its pages, and where links lead', async () => {
    const page = makePage(['Mirrors seen today:', 'hxxps://forum[.]example/t/1 and this page'], {
      page: '/Annots [6 0 R]',
      objects: ['<< /Type /Annot /Subtype /Link /Rect [0 0 9 9] /A << /S /URI /URI (https://b.example/2) >> >>'],
    });
    const { documents } = await opened(page);
    expect(documents).toEqual([
      ['text', 'text', 'Mirrors seen today:\nhxxps://forum[.]example/t/1 and this page\n<https://b.example/2>\n'],
    ]);
  });

  it('loses its scripts, attachments and pictures by name, and its properties are only looked at', async () => {
    const page = makePage(['words'], {
      catalogue:
        '/OpenAction << /S /JavaScript /JS (app.alert\\(1\\)) >> /Names << /EmbeddedFiles << /Names [(a) 6 0 R] >> /JavaScript << /Names [(j) << /S /JavaScript /JS (x) >>] >> >>',
      objects: [
        '<< /Type /Filespec /F (evil.exe) /EF << /F 7 0 R >> >>',
        stream('MZ', '/Type /EmbeddedFile'),
        stream(PICTURE, '/Type /XObject /Subtype /Image /Width 1 /Height 1'),
        '<< /Title (about it) /Keywords (SECRET) >>',
      ],
      trailer: '/Info 9 0 R',
    });
    const { documents, dropped, aside } = await opened(page);
    expect(documents.map(([, , text]) => text)).toEqual(['words\n']);
    expect(dropped).toEqual([
      ['image 1', 'media'],
      ['evil.exe', 'embedded-object'],
      ['scripts', 'script'],
    ]);
    expect(aside).toContain('Keywords: SECRET');
  });

  it('is told by how it begins, not by a word', () => {
    expect(mayBeContainer(makePage(['x']))).toBe(true);
    expect(mayBeContainer(Buffer.from('files that begin with %PDF-1.7 are bad\n'))).toBe(false);
  });

  it('that needs a password is refused', async () => {
    const lock =
      '/Encrypt << /Filter /Standard /V 1 /R 2 /P -44 /O <0000000000000000000000000000000000000000000000000000000000000000> /U <1111111111111111111111111111111111111111111111111111111111111111> >> /ID [<00> <00>]';
    expect(await refusal(makePage(['x'], { trailer: lock }))).toEqual(['TOC_SUBMISSION_CONTAINER', 'encrypted']);
  });

  it.each([
    ['nothing behind its mark', Buffer.from('%PDF-1.7\n')],
    ['half of it', makePage(['word']).subarray(0, 300)],
    [
      'pages that lead in a circle',
      makePdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 900000000 >>']),
    ],
    [
      'a million pages that are not there',
      makePdf(['<< /Type /Catalog /Pages 2 0 R >>', '<< /Type /Pages /Kids [] /Count 1000000 >>']),
    ],
    ['arrays 100,000 deep', makePage(['word'], { page: `/X ${'['.repeat(100_000)}` })],
    [
      'a page of zeros',
      makePdf([
        '<< /Type /Catalog /Pages 2 0 R >>',
        '<< /Type /Pages /Kids [3 0 R] /Count 1 >>',
        '<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>',
        stream(deflateSync(Buffer.alloc(30_000_000, ' ')), '/Filter /FlateDecode'),
      ]),
    ],
  ])('with %s is read or refused', async (_name, page) => {
    const result = await opened(page).catch((thrown: unknown) => thrown);
    if (result instanceof Error) expect(result).toBeInstanceOf(TocsinError);
  });
});
