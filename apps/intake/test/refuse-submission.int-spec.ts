import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { hashList } from './hash-list.js';
import { IntakeRig, type Reply, type RigPerson } from './intake-rig.js';

const MIB = 1024 * 1024;
const NOTHING = { uploads: 0, parts: 0, submissions: 0, keys: 0, records: 0, audit: 0 };

describe('refusing submissions', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  const small = hashList(3);

  beforeAll(async () => {
    rig = await IntakeRig.start({ largestSubmissionBytes: 40 * MIB });
    await rig.channel('everyone');
    await rig.channel('closed', 'ordinary', 'closed');
    officer = await rig.person(await rig.organisation('agency', 'Agency A', ['everyone']), 'officer');
  });
  afterAll(() => rig.stop());

  const submit = (
    body: RequestInit['body'],
    headers: Record<string, string> = {},
    query = '',
    by = officer,
  ): Promise<Reply> => rig.call(by, 'POST', `/v1/submissions${query}`, body, headers);

  describe('bad input gets a clear problem document and leaves nothing', () => {
    const multipart = (...parts: string[]): [string, Record<string, string>] => [
      `${parts.map((part) => `--xyz\r\n${part}\r\n`).join('')}--xyz--\r\n`,
      { 'content-type': 'multipart/form-data; boundary=xyz' },
    ];
    const parameters = (text: string): string => `Content-Disposition: form-data; name="parameters"\r\n\r\n${text}`;
    const file = (text: string, name = 'file'): string =>
      `Content-Disposition: form-data; name="${name}"; filename="x"\r\nContent-Type: text/plain\r\n\r\n${text}`;
    const big = hashList(40_000);
    const late = (what: string): Buffer => Buffer.concat([big, Buffer.from(`\n${what}\n`)]);

    const CASES: [
      string,
      () => [body: RequestInit['body'], headers?: Record<string, string>, query?: string],
      number,
      string,
    ][] = [
      ['no bytes', () => [''], 400, 'TOC_SUBMISSION_EMPTY'],
      ['compressed nothing', () => [gzipSync('')], 400, 'TOC_SUBMISSION_EMPTY'],
      ['truncated gzip', () => [packed().subarray(0, 90_000)], 400, 'TOC_SUBMISSION_GZIP'],
      [
        'broken gzip',
        () => [Buffer.concat([packed().subarray(0, 90_000), randomBytes(9000)])],
        400,
        'TOC_SUBMISSION_GZIP',
      ],
      ['no gzip though it says so', () => [small, { 'content-encoding': 'gzip' }], 400, 'TOC_SUBMISSION_GZIP'],
      ['another encoding', () => [small, { 'content-encoding': 'br' }], 400, 'TOC_SUBMISSION_ENCODING'],
      ['a gzip bomb', () => [gzipSync(Buffer.alloc(39 * MIB, `${'a'.repeat(64)}\n`))], 413, 'TOC_SUBMISSION_TOO_LARGE'],
      ['too much when unpacked', () => [gzipSync(hashList(660_000), { level: 1 })], 413, 'TOC_SUBMISSION_TOO_LARGE'],
      ['too much', () => [Buffer.alloc(41 * MIB, 'a\n')], 413, 'TOC_REQUEST_TOO_LARGE'],
      ['gzip in gzip', () => [gzipSync(gzipSync(small))], 415, 'TOC_SUBMISSION_FORMAT'],
      ['an unknown format', () => [small, {}, '?format=cobol'], 415, 'TOC_SUBMISSION_FORMAT'],
      ['a document that is nothing known', () => ['once upon a time\nthere was a\n'], 415, 'TOC_SUBMISSION_FORMAT'],
      [
        'bytes that are not UTF-8',
        () => [Buffer.concat([small, Buffer.from([0x61, 0xff, 0x0a])])],
        400,
        'TOC_SUBMISSION_ENCODING',
      ],
      ['UTF-16', () => [Buffer.from('\ufeffabc\n', 'utf16le')], 400, 'TOC_SUBMISSION_ENCODING'],
      ['a NUL in a late part', () => [late('a\0b')], 400, 'TOC_SUBMISSION_ENCODING'],
      ['a picture', () => [Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')], 422, 'TOC_SUBMISSION_MEDIA'],
      [
        'a picture that says it is STIX',
        () => [Buffer.from('ffd8ffe000104a46', 'hex'), {}, '?format=stix21'],
        422,
        'TOC_SUBMISSION_MEDIA',
      ],
      [
        'a picture in a late part',
        () => [late(`data:image/png;base64,${randomBytes(60).toString('base64')}`)],
        422,
        'TOC_SUBMISSION_MEDIA',
      ],
      [
        'a marking above the level',
        () => [Buffer.concat([Buffer.from('# TLP:RED\n'), small])],
        422,
        'TOC_SUBMISSION_ABOVE_LEVEL',
      ],
      ['a banner in a late part', () => [late('SECRET//NOFORN')], 422, 'TOC_SUBMISSION_ABOVE_LEVEL'],
      ['a parameter above the level', () => [small, {}, '?tlp=red'], 422, 'TOC_SUBMISSION_ABOVE_LEVEL'],
      [
        'a classification above the level',
        () => [small, {}, '?classification=SECRET//NOFORN'],
        422,
        'TOC_SUBMISSION_ABOVE_LEVEL',
      ],
      ['a parameter that is unknown', () => [small, {}, '?harms=TVEC'], 400, 'TOC_REQUEST_PARAMETER'],
      ['a parameter that is wrong', () => [small, {}, '?valid_for=never'], 400, 'TOC_REQUEST_PARAMETER'],
      ['a parameter nested deeply', () => [small, {}, `?entity=${'['.repeat(5000)}`], 400, 'TOC_REQUEST_PARAMETER'],
      [
        'a prototype in the parameters',
        () => multipart(parameters('{"__proto__":{"harm":["tvec"]},"x":1}'), file(small.toString())),
        400,
        'TOC_REQUEST_PARAMETER',
      ],
      ['a channel that does not exist', () => [small, {}, '?channels=everyone,nowhere'], 422, 'TOC_CHANNEL_UNKNOWN'],
      ['a channel that is closed', () => [small, {}, '?channels=closed'], 422, 'TOC_CHANNEL_UNKNOWN'],
      ['an idempotency key with blanks', () => [small, { 'idempotency-key': 'a b' }], 400, 'TOC_REQUEST_PARAMETER'],
      [
        'multipart without a boundary',
        () => [small, { 'content-type': 'multipart/form-data' }],
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      [
        'multipart cut off',
        () => [multipart(file(small.toString()))[0].slice(0, -10), multipart()[1]],
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      [
        'multipart with the file first',
        () => multipart(file(small.toString()), parameters('{}')),
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      [
        'multipart with two files',
        () => multipart(file(small.toString()), file(small.toString())),
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      [
        'multipart with something else',
        () => multipart(file(small.toString(), 'attachment')),
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      ['multipart without anything', () => multipart(parameters('{}')), 400, 'TOC_SUBMISSION_EMPTY'],
      [
        'parameters that are no JSON',
        () => multipart(parameters('{"a":'), file(small.toString())),
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      [
        'parameters that are no object',
        () => multipart(parameters('[1]'), file(small.toString())),
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      [
        'parameters nested 100,000 deep',
        () => multipart(parameters('['.repeat(100_000)), file(small.toString())),
        400,
        'TOC_REQUEST_MALFORMED',
      ],
      [
        'parameters that are too long',
        () => multipart(parameters(JSON.stringify({ harm: ['x'.repeat(300_000)] })), file(small.toString())),
        413,
        'TOC_REQUEST_TOO_LARGE',
      ],
      [
        'a parameter said twice',
        () => {
          const [body, headers] = multipart(parameters('{"harm":["tvec"]}'), file(small.toString()));
          return [body, headers, '?harm=tvec'];
        },
        400,
        'TOC_REQUEST_PARAMETER',
      ],
      [
        'a bulletin with a banner',
        () => multipart(parameters('{"bulletin":{"title":"SECRET//NOFORN"}}'), file(small.toString())),
        422,
        'TOC_SUBMISSION_ABOVE_LEVEL',
      ],
    ];
    const packed = (): Buffer => gzipSync(hashList(40_000));

    it.each(CASES)('%s', async (_, make, status, code) => {
      const [body, headers, query] = make();
      const reply = await submit(body, headers, query);
      expect(reply).toMatchObject({
        status,
        json: { status, code, type: `urn:tocsin:error:${code}`, instance: expect.any(String) as unknown },
      });
      expect(await rig.leftBehind()).toEqual(NOTHING);
    });

    it('names every parameter that is wrong and never its value', async () => {
      const { json } = await submit(small, {}, '?ceiling=nonsense&harms=nonsense&confidence=nonsense');
      expect(new Set((json.problems as string[]).map((problem) => problem.split(':')[0]))).toEqual(
        new Set(['ceiling', 'confidence', 'harms']),
      );
      expect(JSON.stringify(json)).not.toContain('nonsense');
    });

    it('asks for a key, of somebody who may', async () => {
      const bare = await fetch(`${rig.url}/v1/submissions`, { method: 'POST', body: new Uint8Array(small) });
      expect(bare.status).toBe(401);
      expect(bare.headers.get('www-authenticate')).toBe('Bearer realm="tocsin"');
      const platform = await rig.person(await rig.organisation('platform', 'Platform'), 'admin');
      expect((await submit(small, {}, '', platform)).json.code).toBe('TOC_ACCESS_FORBIDDEN');
      expect(await rig.leftBehind()).toEqual(NOTHING);
    });
  });
});
