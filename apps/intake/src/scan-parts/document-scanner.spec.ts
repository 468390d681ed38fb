import { TocsinError } from '#libs/domain';
import { randomBytes, createHash } from 'node:crypto';
import { DocumentScanner } from './document-scanner.js';
import type { DeclaredLevel } from './find-level-marks.js';
import { PartScanner } from './part-scanner.js';

const DECLARED: DeclaredLevel = { tlp: 'amber+strict', classification: 'unclassified' };

/** What is found in a document, as code and token; undefined when nothing is. */
function foundIn(document: string | Buffer, declared = DECLARED, pieceBytes = Infinity): string | undefined {
  const bytes = Buffer.from(document);
  const scanner = new DocumentScanner(declared);
  try {
    for (let at = 0; at < bytes.length; at += pieceBytes) scanner.scan(bytes.subarray(at, at + pieceBytes));
    scanner.finish();
  } catch (thrown) {
    if (!(thrown instanceof TocsinError)) throw thrown;
    return String(thrown.facts.found);
  }
  return undefined;
}

const hashes = (count: number, algorithm = 'sha256'): string =>
  Array.from({ length: count }, (_, index) => createHash(algorithm).update(String(index)).digest('hex')).join('\n');
const PICTURE = Buffer.concat([Buffer.from([0xff, 0xd8, 0xff, 0xe0]), randomBytes(400)]).toString('base64');

describe('media', () => {
  it.each([
    ['a JPEG', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'magic-jpeg'],
    ['a PNG', Buffer.from('89504e470d0a1a0a0000', 'hex'), 'magic-png'],
    ['a GIF', Buffer.from('GIF89a....'), 'magic-gif'],
    ['an MP4', Buffer.from('\0\0\0\x18ftypmp42'), 'magic-iso-media'],
    ['a WebM', Buffer.from('1a45dfa3934282', 'hex'), 'magic-matroska'],
    ['a WebP', Buffer.from('RIFF\x10\0\0\0WEBPVP8 '), 'magic-riff'],
    ['an MP3', Buffer.from('ID3\x03\0'), 'magic-mp3'],
    ['a ZIP', Buffer.from('PK\x03\x04rest'), 'container'],
    ['a PDF', Buffer.from('%PDF-1.7\n'), 'container'],
  ])('is told by its first bytes: %s', (_, bytes, what) => {
    expect(foundIn(bytes)).toBe(what);
  });

  it.each([
    ['a data: URI of an image', `see data:image/png;base64,${randomBytes(60).toString('base64')} there`, 'data-uri'],
    ['a data: URI in capitals', `"DATA:Image/GIF;base64,${randomBytes(60).toString('base64')}"`, 'data-uri'],
    [
      'a data: URI of an image that is not Base64',
      `<img src="data:image/svg+xml,%3Csvg%20xmlns%3D%22http%3A%2F%2Fwww">`,
      'data-uri',
    ],
    ['a data: URI that hides an image', `"data:text/plain;base64,${PICTURE}"`, 'data-uri'],
    ['a data: URI without a type', `x data:;base64,${PICTURE}`, 'data-uri'],
    [
      'a STIX artifact with its bytes',
      '{"type":"artifact","mime_type":"text/plain","payload_bin":"aGk="}',
      'payload-bin',
    ],
    ['a STIX artifact with spaces', '{"payload_bin" : "aGk="}', 'payload-bin'],
    [
      'an e-mail with a picture',
      'MIME-Version: 1.0\r\n--b\r\nContent-Type: image/jpeg; name=x\r\nContent-Transfer-Encoding: base64\r\n\r\nAAAA',
      'mime-part',
    ],
    ['an e-mail with a video', '--b\nContent-Transfer-Encoding: base64\ncontent-type:  video/mp4\n\nAAAA', 'mime-part'],
    ['Base64 in one line', `text ${randomBytes(4000).toString('base64')}`, 'base64-run'],
    ['Base64 for URLs', randomBytes(4000).toString('base64url'), 'base64-run'],
    ['a long run of one letter', 'A'.repeat(5000), 'base64-run'],
    [
      'Base64 with escaped slashes',
      `{"x":"${randomBytes(4000).toString('base64').replaceAll('/', '\\/')}"}`,
      'base64-run',
    ],
    ['Base64 in lines of 76', randomBytes(6000).toString('base64').replace(/.{76}/g, '$&\r\n'), 'base64-run'],
    ['Base64 in lines of 64', randomBytes(6000).toString('base64').replace(/.{64}/g, '$&\n'), 'base64-run'],
    [
      'Base64 in lines within a string',
      `{"x":"${randomBytes(6000).toString('base64').replace(/.{76}/g, '$&\\r\\n')}"}`,
      'base64-run',
    ],
    ['a small picture in a string', `{"x":"${PICTURE}"}`, 'encoded-media'],
    ['a small picture in lines', PICTURE.replace(/.{76}/g, '$&\n'), 'encoded-media'],
    ['a small picture in a cell', `1,${PICTURE},2`, 'encoded-media'],
  ])('is found inside a document: %s', (_, document, what) => {
    expect(foundIn(document)).toBe(what);
    expect(foundIn(`${hashes(500)}\n${document}\n${hashes(500)}`)).toBe(what);
  });

  it.each([
    ['a list of SHA-256', hashes(3000)],
    ['a list of SHA-256 in capitals', hashes(3000).toUpperCase()],
    ['a list of SHA-512', hashes(3000, 'sha512')],
    ['a list of MD5', hashes(3000, 'md5')],
    ['hashes in a string', `{"description":"${hashes(200).replaceAll('\n', '\\n')}"}`],
    ['hashes in Base64', Array.from({ length: 3000 }, () => randomBytes(32).toString('base64')).join('\n')],
    ['long hashes in Base64', Array.from({ length: 3000 }, () => randomBytes(144).toString('base64')).join('\n')],
    ['a mention of data: URIs', 'Pages begin with data:image/png;base64,iVBOR... and so on. data: image/png'],
    ['a data: URI of text', 'data:text/html;base64,PGh0bWw+PGJvZHk+aGVsbG8gd29ybGQ8L2JvZHk+PC9odG1sPg=='],
    ['a pattern about payload_bin', `{"pattern":"[artifact:payload_bin MATCHES 'x']"}`],
    [
      'an artifact elsewhere',
      '{"type":"artifact","mime_type":"image/jpeg","url":"https://e.example/1","hashes":{"MD5":"0"}}',
    ],
    ['headers of HTTP in a report', 'HTTP/1.1 200 OK\r\nContent-Type: image/jpeg\r\nContent-Length: 20\r\n\r\n'],
    ['a long address', `https://e.example/${Array.from({ length: 400 }, () => 'segment.of.a.path').join('/')}`],
    ['words', 'lorem ipsum dolor sit amet '.repeat(1000)],
    ['a line that begins with BM', 'BMW e.example\n'],
    ['nothing', ''],
  ])('is not seen in %s', (_, document) => {
    expect(foundIn(document)).toBeUndefined();
  });
});

describe('markings above the level', () => {
  it.each([
    ['a banner', 'SECRET//NOFORN\n\nThe group posts.\n', 'banner'],
    ['a banner at the end', 'text\nTOP SECRET//SI//NOFORN', 'banner'],
    ['a banner of one word', 'report\n\nSECRET\n\ntext', 'banner'],
    ['a banner in a comment', '# CONFIDENTIAL\n' + hashes(3), 'banner'],
    ['a banner with ornaments', '*** TOP SECRET ***\n', 'banner'],
    ['NATO', 'NATO RESTRICTED\n', 'banner'],
    ['the European Union', 'RESTREINT UE/EU RESTRICTED\n', 'banner'],
    ['Germany', 'VS-NUR FÜR DEN DIENSTGEBRAUCH\n', 'banner'],
    ['France', 'TRÈS SECRET\n', 'banner'],
    ['a short banner', 'TS//SI//NF\ntext', 'banner'],
    ['a joint banner', '//JOINT SECRET CAN GBR USA\n', 'banner'],
    ['releasable', 'SECRET//REL TO USA, GBR, CAN\n', 'banner'],
    ['a banner in a string', '{"statement":"SECRET//NOFORN"}', 'banner'],
    ['a banner in a line of a string', '{"text":"SECRET//NOFORN\\n\\nThe group"}', 'banner'],
    ['a banner in a cell', 'value,marking\nabc,SECRET//NOFORN\n', 'banner'],
    ['a classification in a string', '{"classification":"SECRET"}', 'classification'],
    ['a classification in any case', '{"classification": "Top Secret"}', 'classification'],
    ['a line that says its classification', 'Classification: Secret\n', 'classification'],
    ['an access control specification', '{"control_set":{"classification":"S"}}', 'classification'],
    ['a portion mark', 'text\n(S) The group posts.\n', 'portion mark'],
    ['a long portion mark', '(TS//SI) The group posts.', 'portion mark'],
    ['a portion mark of NATO', '(NS) The group posts.', 'portion mark'],
    ['a foreign portion mark', '(//GBR S) The group posts.', 'portion mark'],
    ['a portion mark in a string', '{"description":"(S//NF) The group posts."}', 'portion mark'],
    [
      'a portion mark in a paragraph of a string',
      '{"description":"(U) First.\\n\\n(C) The group posts."}',
      'portion mark',
    ],
    ['a portion mark after others', '(U) One.\n\n(U) Two.\n\n(C) The group posts in 2024 too.\n', 'portion mark'],
    ['TLP:RED on a line', 'TLP:RED\n' + hashes(3), 'TLP label'],
    ['TLP:RED in a comment', '# TLP:RED\n', 'TLP label'],
    ['TLP:RED in a head line', 'Subject: New list [TLP:RED]\n', 'TLP label'],
    ['TLP:RED with its words', 'TLP:RED - named recipients only\n', 'TLP label'],
    ['TLP:RED as a label', 'Marking: TLP:RED\n', 'TLP label'],
    ['TLP:RED in a tag', '{"Tag":[{"name":"tlp:red"}]}', 'TLP label'],
    ['TLP:RED in a cell', 'abc,TLP:RED,x\n', 'TLP label'],
    ['TLP as a property', '{"value":"x","tlp":"red"}', 'TLP label'],
    [
      'the id of TLP:RED 1.0',
      '{"object_marking_refs":["marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"]}',
      'marking id',
    ],
    [
      'the id of TLP:RED 2.0',
      '{"marking_ref": "marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1"}',
      'marking id',
    ],
  ])('are found: %s', (_, document, what) => {
    expect(foundIn(document)).toBe(what);
    expect(foundIn(`${hashes(500)}\n${document}\n`)).toBe(what);
  });

  it.each([
    [
      'lower banners',
      'UNCLASSIFIED//FOUO\n(U//FOUO) Text.\n(U) Text.\nTLP:AMBER+STRICT\nOFFICIAL\nNATO UNCLASSIFIED\n',
    ],
    ['words in a sentence', 'He kept it SECRET. TOP SECRET was stamped on it. A SECRET//NOFORN report is not shared.'],
    [
      'capitals',
      'THE SECRET\nNOT RESTRICTED\nSECRET SERVICE\nCONFIDENTIALITY NOTICE\nS-400\nC-130\nS/N 123\nCS/ABC\nSECRET-KEY\n',
    ],
    ['hosts', 'SECRET.EXAMPLE\nTOPSECRET.EXAMPLE\nhttps://secret.example/TS//SI\n'],
    ['small letters', 'secret\ntop secret\nconfidential\n'],
    ['a word in a string', '{"labels":["SECRET"],"classification":"malware"}'],
    ['a class of another kind', '{"classification":"C"}'],
    [
      'a copyright line',
      '(C) 2024 Example Ltd\n(C) Copyright Example\n(C) Example Inc. 2019-2024. All rights reserved.\n',
    ],
    ['numbering', '(A) one\n(B) two\n(C) three\n'],
    ['a plural', '(S)he posts. The file(s). Item (S) here.\n'],
    ['a registered sign', '(R) Brand name\n'],
    ['a mention of TLP:RED', 'Lists that are TLP:RED are not shared here.\nDo not send TLP:RED.\n'],
    ['a mention of TLP:RED after a comma', 'In the context of a meeting, TLP:RED information is for those present.\n'],
    ['an explanation of TLP:RED', 'TLP:RED = for the eyes of recipients only\nTLP:RED means no disclosure\n'],
    [
      'a definition of TLP:RED 1.0',
      '{"type":"marking-definition","id":"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed","definition_type":"tlp","name":"TLP:RED","definition":{"tlp":"red"}}',
    ],
    [
      'a definition of TLP:RED 2.0',
      '{"type":"marking-definition","spec_version":"2.1","id":"marking-definition--e828b379-4e03-4974-9ac4-e53a884c97c1","name":"TLP:RED"}',
    ],
    ['other words with the letters', 'XTLP:RED\nTLP:REDACTED\nhttp://RED\n'],
  ])('are not seen in %s', (_, document) => {
    expect(foundIn(document)).toBeUndefined();
  });

  it('depend on what the deployment declares', () => {
    const high: DeclaredLevel = { tlp: 'red', classification: 'secret' };
    expect(foundIn('SECRET//NOFORN\n(S) Text here.\nTLP:RED\n', high)).toBeUndefined();
    expect(foundIn('TOP SECRET\n', high)).toBe('banner');
    expect(foundIn('TLP:AMBER+STRICT\n', { ...DECLARED, tlp: 'amber' })).toBe('TLP label');
    expect(foundIn('TLP:AMBER\n', { ...DECLARED, tlp: 'amber' })).toBeUndefined();
  });
});

describe('parts', () => {
  const MARKS = [
    'SECRET//NOFORN',
    '(TS//SI) The group',
    'TLP:RED',
    `data:image/png;base64,${randomBytes(60).toString('base64')}`,
    '"payload_bin": "aGk="',
    '"marking-definition--5e57c739-391a-4eb3-b6be-7d15ca92d5ed"',
    randomBytes(4000).toString('base64'),
    randomBytes(6000).toString('base64').replace(/.{76}/g, '$&\n'),
  ];

  it.each(MARKS.map((mark) => [mark.slice(0, 30), mark]))('a mark split over two parts is found: %s', (_, mark) => {
    const before = `${hashes(400)}\n`;
    const document = Buffer.from(`${before}${mark}\n${hashes(400)}`);
    const offsets =
      mark.length < 200
        ? Array.from({ length: mark.length + 2 }, (_unused, at) => at)
        : [1, 500, 4095, 4096, 4097, mark.length - 1];
    for (const offset of offsets) {
      const scanner = new DocumentScanner(DECLARED);
      const cut = before.length + offset;
      expect(() => {
        scanner.scan(document.subarray(0, cut));
        scanner.scan(document.subarray(cut));
        scanner.finish();
      }).toThrow(TocsinError);
    }
  });

  it.each([1, 7, 1000, 65_536])('pieces of %i bytes change nothing', (pieceBytes) => {
    expect(foundIn(`${hashes(200)}\nTLP:RED\n${hashes(200)}`, DECLARED, pieceBytes)).toBe('TLP label');
    expect(foundIn(hashes(200), DECLARED, pieceBytes)).toBeUndefined();
  });

  it('tells the place', () => {
    const scanner = new DocumentScanner(DECLARED);
    const list = `${hashes(40_000)}\n`;
    let thrown: unknown;
    try {
      scanner.scan(Buffer.from(list.slice(0, 1_000_000)));
      scanner.scan(Buffer.from(`${list.slice(1_000_000)}TLP:RED\n`));
      scanner.finish();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({
      code: 'TOC_SUBMISSION_ABOVE_LEVEL',
      facts: { found: 'TLP label', byte: list.length + 3 },
    });
  });
});

describe('parts of a submission', () => {
  const found = (document: Buffer): string | undefined => {
    const scanner = new PartScanner(DECLARED);
    try {
      for (let at = 0; at < document.length; at += 4096) scanner.scan(document.subarray(at, at + 4096));
      scanner.end();
    } catch (thrown) {
      if (!(thrown instanceof TocsinError)) throw thrown;
      return thrown.code;
    }
    return undefined;
  };

  it.each([
    ['a picture before an encoding', Buffer.from([0xff, 0xd8, 0xff, 0xe0, 0, 16]), 'TOC_SUBMISSION_MEDIA'],
    ['a container', Buffer.from('PK\x03\x04\0\0'), 'TOC_SUBMISSION_FORMAT'],
    ['Latin-1', Buffer.from('caf\u00e9 text', 'latin1'), 'TOC_SUBMISSION_ENCODING'],
    ['an escaped key', Buffer.from(String.raw`{"payload\u005fbin":"aGk="}`), 'TOC_SUBMISSION_MEDIA'],
    ['an escaped marking', Buffer.from(String.raw`{"x":"TLP\u003aRED"}`), 'TOC_SUBMISSION_ABOVE_LEVEL'],
    ['an escape at the very end', Buffer.from(String.raw`TLP:RE\u0044`), 'TOC_SUBMISSION_ABOVE_LEVEL'],
    ['a marking after a byte order mark', Buffer.from('\ufeffSECRET//NOFORN\n'), 'TOC_SUBMISSION_ABOVE_LEVEL'],
  ])('are refused for %s', (_, document, code) => {
    expect(found(document)).toBe(code);
  });

  it('are taken when they are lists', () => {
    expect(found(Buffer.from(`${hashes(1000)}\n`))).toBeUndefined();
    expect(found(Buffer.from(`# The secret service (c) 2024\n${hashes(1000)}\n`))).toBeUndefined();
  });
});
