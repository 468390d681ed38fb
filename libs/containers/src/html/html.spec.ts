import { type Opened, PICTURE, opened } from '../../test/opened-in-test.js';

describe('a page', () => {
  it('gives what it shows, and where its links lead', async () => {
    const page = `<!doctype html><html><head><title>Report</title><style>p{}</style><script>x("https://no.example")</script></head>
      <body><h1>Mirrors</h1><p>Seen &amp; <b>known</b>:<a href="https://a.example/1?x=1&amp;y=2">here</a></p>
      <table><tr><th>URL</th><th>note</th></tr><tr><td>https://b.example/2</td><td><p>new</p></td></tr></table>
      <ul><li>one</li><li>two</ul><p hidden>https://hidden.example/</p><div style="display: none">https://none.example/</div>
      <img src="data:image/png;base64,${PICTURE.toString('base64')}"><img src="https://pixel.example/1"><svg><text>x</text></svg>
      <pre>a\n  b</pre></body></html>`;
    const { documents, dropped } = await opened(Buffer.from(page));
    expect(documents[0]?.[2].split('\n').filter((line) => line !== '')).toEqual([
      'Report',
      '# Mirrors',
      'Seen & known:here <https://a.example/1?x=1&y=2>',
      '| URL | note |',
      '| https://b.example/2 | new |',
      '- one',
      '- two',
      'a',
      '  b',
    ]);
    expect(dropped).toEqual([
      ['img data:', 'media'],
      ['1 script(s)', 'script'],
    ]);
  });

  it.each([
    ['windows-1252', Buffer.from('<html><body>caf\xe9</body></html>', 'latin1'), 'café'],
    ['what it says', Buffer.from('<html><meta charset="iso-8859-7"><body>\xe1\xe2</body></html>', 'latin1'), 'αβ'],
    ['UTF-8', Buffer.from('<html><body>é</body></html>'), 'é'],
  ])('is decoded as %s', async (_name, page, text) => {
    expect((await opened(page)).documents[0]?.[2].trim()).toBe(text);
  });

  it.each([
    ['200,000 elements deep', `<html>${'<div>'.repeat(200_000)}word`],
    ['never ending a tag', `<html><p>word<a href="${'x'.repeat(1_000_000)}`],
    ['ending what never began', `<html>word${'</div></a></tr>'.repeat(100_000)}`],
    ['links in links', `<html>${'<a href="https://a.example/1">word'.repeat(20_000)}`],
  ])('%s is read or refused in time', async (_name, page) => {
    const started = Date.now();
    const result = await opened(Buffer.from(page)).catch((thrown: unknown) => thrown);
    if (result instanceof Error) expect(result).toMatchObject({ code: 'TOC_SUBMISSION_CONTAINER' });
    else expect((result as Opened).documents[0]?.[2]).toContain('word');
    expect(Date.now() - started).toBeLessThan(5000);
  });
});
