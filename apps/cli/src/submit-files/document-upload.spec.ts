import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allParameters, uploadOf } from './document-upload.js';

describe('what is submitted', () => {
  let folder: string;
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'tocsin-upload-'))));
  afterAll(() => rmSync(folder, { recursive: true }));

  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };

  it('is streamed, with the media type of its name', async () => {
    const sent: number[] = [];
    const upload = await uploadOf(file('list.csv.gz', 'abc'), {}, (bytes, size) => sent.push(bytes, size));
    expect(upload).toMatchObject({ contentType: 'text/csv', headers: { 'content-encoding': 'gzip' } });
    expect(await new Response(upload.body).text()).toBe('abc');
    expect(sent).toEqual([3, 3]);
  });

  it('must be a file, and is never taken for an exchange that does not answer', async () => {
    const refused = (path: string): Promise<unknown> => uploadOf(path, {}, () => undefined);
    await expect(refused(folder)).rejects.toThrow(`${folder} is a folder: name the files in it.`);
    await expect(refused(join(folder, 'none'))).rejects.toThrow(/none cannot be read\.$/);
  });

  it('takes parameters from a file, unless an option says otherwise', async () => {
    const parameters = file('parameters.json', '{"harm":["tvec","csea"],"valid_for":30,"tlp":"red"}');
    expect(await allParameters({ parameters, tlp: 'green' })).toMatchObject({
      harm: 'tvec,csea',
      valid_for: '30',
      tlp: 'green',
    });
  });

  it.each(['[1]', 'null', '{'])('refuses a parameters file that is %s', async (text) => {
    await expect(allParameters({ parameters: file('wrong.json', text) })).rejects.toThrow(/is not a JSON object\.$/);
  });
});
