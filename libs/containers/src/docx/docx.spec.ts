import { makeDocx, paragraph, relations } from '../../test/make-office.js';
import { PICTURE, opened } from '../../test/opened-in-test.js';

describe('a text document', () => {
  it('gives its paragraphs, tables and links, and what stands above its pages first', async () => {
    const body = [
      paragraph('Mirrors', '<w:pStyle w:val="Heading2"/>'),
      `<w:p><w:r><w:t>See </w:t></w:r><w:hyperlink r:id="l"><w:r><w:t>this page</w:t></w:r></w:hyperlink></w:p>`,
      `<w:p><w:del><w:r><w:delText>gone</w:delText></w:r></w:del><w:r><w:t>kept</w:t></w:r></w:p>`,
      `<w:tbl><w:tr><w:tc>${paragraph('URL')}</w:tc><w:tc>${paragraph('note')}</w:tc></w:tr><w:tr><w:tc>${paragraph('https://b.example/2')}</w:tc><w:tc>${paragraph('a')}${paragraph('b')}</w:tc></w:tr></w:tbl>`,
      `<w:p><w:r><w:instrText> HYPERLINK "https://c.example/3" </w:instrText></w:r><w:r><w:t>there</w:t></w:r></w:p>`,
    ].join('');
    const { documents, dropped } = await opened(
      makeDocx(body, [
        {
          name: 'word/_rels/document.xml.rels',
          bytes: relations({ id: 'l', type: 'hyperlink', target: 'https://a.example/1?x=1&y=2', isExternal: true }),
        },
        { name: 'word/header1.xml', bytes: `<w:hdr xmlns:w="w">${paragraph('TLP:AMBER')}</w:hdr>` },
        { name: 'word/comments.xml', bytes: `<w:comments xmlns:w="w">${paragraph('https://no.example')}</w:comments>` },
        { name: 'word/media/image1.png', bytes: PICTURE },
        { name: 'word/vbaProject.bin', bytes: 'x' },
      ]),
    );
    expect(documents[0]?.[2].split('\n').filter((line) => line !== '')).toEqual([
      'TLP:AMBER',
      '## Mirrors',
      'See this page <https://a.example/1?x=1&y=2>',
      'kept',
      '| URL | note |',
      '| https://b.example/2 | a b |',
      'there <https://c.example/3>',
    ]);
    expect(dropped.map(([name, kind]) => [name.split('/').at(-1), kind])).toEqual([
      ['comments.xml', 'comments'],
      ['image1.png', 'media'],
      ['vbaProject.bin', 'macro'],
    ]);
  });
});
