import { gzipSync } from 'node:zlib';
import { TocsinError } from '#libs/domain';
import { makeXlsx } from '../../test/make-office.js';
import { makeZip } from '../../test/make-zip.js';
import { HASH, PICTURE, attached, mail, opened, refusal } from '../../test/opened-in-test.js';
import { mayBeContainer } from '../recognise-container.js';

describe('a mail', () => {
  it('is read with its subject, and without its senders', async () => {
    const { documents, aside } = await opened(mail('\r\nhxxps://forum[.]example/t/1 is new.\r\n'));
    expect(documents).toEqual([['mail', 'text', 'Subject: a list\n\nhxxps://forum[.]example/t/1 is new.\n']]);
    expect(aside).toContain('desk@agency.example');
  });

  it('opens what is attached, once deep, and drops pictures by name', async () => {
    const sheet = makeXlsx({ 'List 1': [['sha256'], [HASH]] });
    const { documents, dropped } = await opened(
      attached(
        ['list.csv', 'text/csv', `url,note\nhttps://a.example/1,x\n`],
        ['table.xlsx', 'application/octet-stream', sheet],
        ['packed.txt.gz', 'application/gzip', gzipSync(`${HASH}\n`)],
        ['photo.png', 'image/png', PICTURE],
        [
          'deep.zip',
          'application/zip',
          makeZip([
            { name: 'inner.xlsx', bytes: sheet },
            { name: 'a.txt', bytes: HASH },
          ]),
        ],
        ['notes.bin', 'application/octet-stream', Buffer.from([1, 0, 255])],
        ['odd.json', 'application/json', '{"a": 1}'],
      ),
    );
    expect(documents.map(([name, format]) => [name, format])).toEqual([
      ['mail', 'text'],
      ['list.csv', 'csv-list'],
      ['table.xlsx › List 1', 'csv-list'],
      ['packed.txt.gz', 'value-list'],
      ['deep.zip › a.txt', 'value-list'],
    ]);
    expect(dropped).toEqual([
      ['photo.png', 'media'],
      ['deep.zip › inner.xlsx', 'nested-too-deep'],
      ['notes.bin', 'not-text'],
      ['odd.json', 'format-unknown'],
    ]);
  });

  it('in two ways is read once, with the links of the page', async () => {
    const body = [
      '--xyz\r\nContent-Type: text/plain\r\n\r\nSee https://a.example/1 and this.\r\n',
      '--xyz\r\nContent-Type: text/html\r\n\r\n<p>See <a href="https://a.example/1">https://a.example/1</a> and <a href="https://b.example/2">this</a>.</p>\r\n--xyz--\r\n',
    ].join('');
    const { documents } = await opened(
      mail(body, 'Subject: s\r\nContent-Type: multipart/alternative; boundary=xyz\r\n'),
    );
    expect(documents[0]?.[2]).toBe('Subject: s\n\nSee https://a.example/1 and this.\n<https://b.example/2>');
  });

  it('that is nested a thousand deep is refused', async () => {
    let headers = 'Subject: s';
    let body = '';
    for (let level = 0; level < 1000; level += 1) {
      const type = `Content-Type: multipart/mixed; boundary=b${level}\r\n`;
      if (level === 0) headers = `Subject: s\r\n${type}`;
      else body += `${type}\r\n`;
      body += `--b${level}\r\n`;
    }
    expect(await refusal(mail(body, headers))).toEqual(['TOC_SUBMISSION_CONTAINER', 'nesting']);
  });

  it.each([
    [
      'quoted-printable without an end',
      `Subject: s\r\nContent-Transfer-Encoding: quoted-printable\r\n`,
      '=\r\n'.repeat(100_000) + 'a =',
    ],
    [
      'Base64 that is none',
      'Subject: s\r\nContent-Transfer-Encoding: base64\r\n',
      '!!!! not Base64 !!!!\r\n'.repeat(1000),
    ],
    [
      'a character set that nobody knows',
      'Subject: s\r\nContent-Type: text/plain; charset=x-none\r\n',
      'some words\r\n',
    ],
    ['a boundary that never comes', 'Subject: s\r\nContent-Type: multipart/mixed; boundary=zzz\r\n', 'some words\r\n'],
    ['an encoded subject without an end', `Subject: ${'=?utf-8?q?'.repeat(5000)}\r\n`, 'some words\r\n'],
  ])('with %s is read or refused', async (_name, headers, body) => {
    const result = await opened(mail(body, headers)).catch((thrown: unknown) => thrown);
    if (result instanceof Error) expect(result).toBeInstanceOf(TocsinError);
  });

  it('is told by its fields, not by a word', () => {
    expect(mayBeContainer(mail('\r\nx'))).toBe(true);
    expect(mayBeContainer(mail('\r\nx'), { format: 'text' })).toBe(false);
    expect(mayBeContainer(mail('\r\nx'), { format: 'email' })).toBe(true);
    expect(mayBeContainer(Buffer.from('From: us\nTo: you\nSubject: none\n\nx'))).toBe(false);
    expect(mayBeContainer(Buffer.from(`${HASH}\n`))).toBe(false);
  });
});
