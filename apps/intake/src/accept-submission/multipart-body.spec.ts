import { LARGEST_PARAMETERS, openMultipart } from './multipart-body.js';

const HEADERS = { 'content-type': 'multipart/form-data; boundary=x' };

interface Part {
  name: string;
  fileName?: string;
  type?: string;
  content: string;
}

function body(parts: readonly Part[], end = '--x--\r\n'): string {
  const heads = parts.map(({ name, fileName, type, content }) => {
    const file = fileName === undefined ? '' : `; filename="${fileName}"`;
    const media = type === undefined ? '' : `Content-Type: ${type}\r\n`;
    return `--x\r\nContent-Disposition: form-data; name="${name}"${file}\r\n${media}\r\n${content}\r\n`;
  });
  return heads.join('') + end;
}

async function* inPieces(text: string, length: number): AsyncGenerator<Buffer> {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; at += length) yield await Promise.resolve(bytes.subarray(at, at + length));
}

async function read(
  text: string,
  headers: Record<string, string> = HEADERS,
  length = 1000,
): Promise<{ given?: object; mediaType?: string; document?: string; code?: unknown }> {
  try {
    const { given, mediaType, document } = await openMultipart(headers, inPieces(text, length));
    const pieces: Buffer[] = [];
    for await (const piece of document) pieces.push(piece);
    return { given, mediaType, document: Buffer.concat(pieces).toString() };
  } catch (thrown) {
    return { code: (thrown as { code?: string }).code ?? thrown };
  }
}

const PARAMETERS: Part = { name: 'parameters', content: '{"harm":["tvec"]}' };
const FILE: Part = { name: 'file', fileName: 'list.csv', type: 'text/csv', content: 'a,b\r\n--y\r\n1,2' };

describe('multipart bodies', () => {
  it.each([1, 2, 3, 17, 1000])('are read in pieces of %i bytes', async (length) => {
    expect(await read(body([PARAMETERS, FILE]), HEADERS, length)).toEqual({
      given: { harm: ['tvec'] },
      mediaType: 'text/csv',
      document: FILE.content,
    });
  });

  it('may leave out either part, and send parameters as a blob', async () => {
    expect(await read(body([PARAMETERS]))).toMatchObject({ given: { harm: ['tvec'] }, document: '' });
    expect(await read(body([FILE]))).toMatchObject({ given: {}, document: FILE.content });
    const blob = { ...PARAMETERS, fileName: 'blob', type: 'application/json' };
    expect(await read(body([blob, FILE]))).toMatchObject({ given: { harm: ['tvec'] }, document: FILE.content });
  });

  it('hold a document of any length', async () => {
    const content = 'a line\n'.repeat(1_000_000);
    const { document } = await read(body([PARAMETERS, { ...FILE, content }]), HEADERS, 65_536);
    expect(document).toHaveLength(content.length);
    expect(document === content).toBe(true);
  });

  it.each<[string, string, string]>([
    ['no parts', '--x--\r\n', ''],
    ['the file before the parameters', body([FILE, PARAMETERS]), 'TOC_REQUEST_MALFORMED'],
    ['two files', body([FILE, FILE]), 'TOC_REQUEST_MALFORMED'],
    ['two sets of parameters', body([PARAMETERS, PARAMETERS, FILE]), 'TOC_REQUEST_MALFORMED'],
    ['another file', body([{ ...FILE, name: 'attachment' }]), 'TOC_REQUEST_MALFORMED'],
    ['another field', body([{ name: 'harm', content: 'tvec' }, FILE]), 'TOC_REQUEST_MALFORMED'],
    ['more parts behind the file', body([PARAMETERS, FILE, { name: 'more', content: 'x' }]), 'TOC_REQUEST_MALFORMED'],
    ['parameters that are no JSON', body([{ ...PARAMETERS, content: 'harm=tvec' }, FILE]), 'TOC_REQUEST_MALFORMED'],
    ['parameters that are a list', body([{ ...PARAMETERS, content: '[]' }, FILE]), 'TOC_REQUEST_MALFORMED'],
    ['parameters nested deep', body([{ ...PARAMETERS, content: '['.repeat(100_000) }, FILE]), 'TOC_REQUEST_MALFORMED'],
    ['a file that is cut off', body([PARAMETERS, FILE], ''), 'TOC_REQUEST_MALFORMED'],
    ['a head that is cut off', '--x\r\nContent-Disposition: form-data; name="file', 'TOC_REQUEST_MALFORMED'],
    [
      'too long parameters',
      body([{ ...PARAMETERS, content: `{"a":"${'a'.repeat(LARGEST_PARAMETERS)}"}` }, FILE]),
      'TOC_REQUEST_TOO_LARGE',
    ],
  ])('with %s', async (_, text, code) => {
    expect((await read(text)).code).toBe(code === '' ? undefined : code);
  });

  it('say their boundary', async () => {
    expect(await read(body([FILE]), { 'content-type': 'multipart/form-data' })).toEqual({
      code: 'TOC_REQUEST_MALFORMED',
    });
  });

  it('end as the sender does', async () => {
    async function* breaking(): AsyncGenerator<Buffer> {
      yield await Promise.resolve(Buffer.from(body([PARAMETERS, FILE], '')));
      throw new Error('the sender is gone');
    }
    const { document } = await openMultipart(HEADERS, breaking());
    const reading = (async () => {
      for await (const piece of document) expect(piece).toBeDefined();
    })();
    await expect(reading).rejects.toThrow('the sender is gone');
  });
});
