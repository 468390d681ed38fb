import { randomBytes } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { makeXlsx } from '../../../libs/containers/test/make-office.js';
import { makeZip } from '../../../libs/containers/test/make-zip.js';
import { IntakeRig, type Reply, type RigPerson } from './intake-rig.js';

const HASH = 'c0535e4be2b79ffd93291305436bf889314e4a3faec05ecffcbb7df31ad9e51a';
const PICTURE = Buffer.concat([Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), randomBytes(3000)]);
const CANARY = 'operation-nightjar';

function mail(...parts: [name: string, type: string, bytes: Buffer][]): Buffer {
  const attached = parts.map(
    ([name, type, bytes]) =>
      `--xyz\r\nContent-Type: ${type}\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${bytes.toString('base64')}\r\n`,
  );
  return Buffer.from(
    `From: desk@agency.example\r\nTo: intake@exchange.example\r\nMessage-ID: <1@a.example>\r\nMIME-Version: 1.0\r\nSubject: a list\r\nContent-Type: multipart/mixed; boundary=xyz\r\n\r\n--xyz\r\nContent-Type: text/plain\r\n\r\nPlease see hxxps://forum[.]example/t/1 and the list.\r\n${attached.join('')}--xyz--\r\n`,
  );
}

describe('containers', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  beforeAll(async () => {
    rig = await IntakeRig.start();
    await rig.channel('everyone');
    officer = await rig.person(await rig.organisation('agency', 'Agency A', ['everyone']), 'officer');
  });
  afterAll(() => rig.stop());

  const submit = (body: Buffer, headers: Record<string, string> = {}, query = ''): Promise<Reply> =>
    rig.call(officer, 'POST', `/v1/submissions${query}`, new Uint8Array(body), headers);

  it('are kept as their text, and the rest is named and is nowhere', async () => {
    const whole = mail(
      [
        'list.xlsx',
        'application/octet-stream',
        makeXlsx({
          one: [
            ['sha256', 'note'],
            [HASH, 'x'],
          ],
        }),
      ],
      [`${CANARY}.png`, 'image/png', PICTURE],
    );
    const { status, json } = await submit(whole, { 'idempotency-key': 'mail' });
    expect(status).toBe(202);
    expect(json).toMatchObject({
      format: 'opened-container',
      bytes: whole.length,
      contents: {
        container: 'email',
        documents: [
          { name: 'mail', format: 'text', positions: { from: 1, to: 4 } },
          { name: 'list.xlsx › one', format: 'csv-list', positions: { from: 5, to: 7 } },
        ],
        dropped: [{ name: `${CANARY}.png`, kind: 'media', bytes: PICTURE.length }],
      },
    });
    const document = await rig.document(String(json.id));
    expect(document.toString().split('\n').slice(1)).toEqual([
      'Subject: a list',
      '',
      'Please see hxxps://forum[.]example/t/1 and the list.',
      '',
      'sha256,note',
      `${HASH},x`,
      '',
      '',
    ]);
    // The same again is the same, whatever opening it needs.
    const again = await submit(whole, { 'idempotency-key': 'mail' });
    expect(again.json).toEqual(json);
    // Nobody reads the name without the key.
    const [row] = await rig.database.query<Record<string, unknown>[]>('SELECT * FROM intake.submission WHERE id = $1', [
      json.id,
    ]);
    expect(Buffer.from(row?.['contents'] as Buffer).includes(CANARY)).toBe(false);
    expect(JSON.stringify(await rig.outbox())).not.toContain(CANARY);
  });

  it('are told of until the bytes are gone', async () => {
    const { json } = await submit(makeXlsx({ [CANARY]: [['sha256'], [HASH]] }));
    const id = String(json.id);
    expect(json).toMatchObject({ format: 'csv-list', contents: { documents: [{ name: CANARY }] } });
    const told = await rig.call(officer, 'GET', `/v1/submissions/${id}`);
    expect(told.json['contents']).toEqual(json['contents']);
    await rig.peer('normaliser').request('POST', `/internal/submissions/${id}/spill`, {
      json: { code: 'TOC_SUBMISSION_MEDIA', detail: 'media' },
    });
    const after = await rig.call(officer, 'GET', `/v1/submissions/${id}`);
    expect(after.json['bytes_state']).toBe('purged');
    expect(after.json['contents']).toBeUndefined();
    const [row] = await rig.database.query<{ contents: unknown }[]>(
      'SELECT contents FROM intake.submission WHERE id = $1',
      [id],
    );
    expect(row?.contents).toBeNull();
  });

  it('are previewed by what is in them', async () => {
    rig.normaliser.answer = () => ({ status: 200, json: { counts: {} } });
    const { json } = await rig.call(
      officer,
      'POST',
      '/v1/submissions/preview',
      new Uint8Array(makeXlsx({ one: [['sha256'], [HASH]] })),
    );
    expect(json).toMatchObject({ counts: {}, contents: { container: 'xlsx' } });
    expect(rig.normaliser.asked.at(-1)?.body.toString()).toBe(`sha256\n${HASH}\n`);
    expect(rig.normaliser.asked.at(-1)?.query.get('format')).toBe('csv-list');
  });

  const REFUSED: [string, () => Buffer, number, string][] = [
    [
      'a zip bomb',
      () => makeZip([{ name: 'a', bytes: Buffer.alloc(65 * 1024 * 1024) }]),
      413,
      'TOC_SUBMISSION_TOO_LARGE',
    ],
    ['a way out of its folder', () => makeZip([{ name: '../x', bytes: 'x' }]), 422, 'TOC_SUBMISSION_CONTAINER'],
    ['nothing but a picture', () => makeZip([{ name: 'a.png', bytes: PICTURE }]), 422, 'TOC_SUBMISSION_CONTAINER'],
    [
      'a marking above the level in what is attached',
      () => mail(['a.txt', 'text/plain', Buffer.from(`SECRET\n${HASH}\n`)]),
      422,
      'TOC_SUBMISSION_ABOVE_LEVEL',
    ],
    [
      'a marking above the level in its properties',
      () =>
        makeXlsx({ one: [['sha256'], [HASH]] }, [
          { name: 'docProps/custom.xml', bytes: '<p><property name="Classification"><v>SECRET</v></property></p>' },
        ]),
      422,
      'TOC_SUBMISSION_ABOVE_LEVEL',
    ],
    [
      'media in a text',
      () =>
        makeZip([{ name: 'a.txt', bytes: `${HASH}\ndata:image/png;base64,${randomBytes(90).toString('base64')}\n` }]),
      422,
      'TOC_SUBMISSION_MEDIA',
    ],
    [
      'more than is opened',
      () => Buffer.concat([makeZip([]), randomBytes(33 * 1024 * 1024)]),
      413,
      'TOC_SUBMISSION_TOO_LARGE',
    ],
    ['no kind that is opened', () => Buffer.from('d0cf11e0a1b11ae1', 'hex'), 415, 'TOC_SUBMISSION_FORMAT'],
    [
      'what only this exchange writes',
      () => Buffer.from('{"opened_container":1,"documents":[]}\n'),
      415,
      'TOC_SUBMISSION_FORMAT',
    ],
  ];
  it.each(REFUSED)('with %s are refused and leave nothing', async (_name, make, status, code) => {
    const before = await rig.leftBehind();
    const reply = await submit(make());
    expect([reply.status, reply.json['code']]).toEqual([status, code]);
    expect(await rig.leftBehind()).toEqual(before);
  });

  it('that are compressed are unpacked first', async () => {
    const { status, json } = await submit(gzipSync(makeZip([{ name: 'list.txt', bytes: `${HASH}\n` }])));
    expect([status, json['format']]).toEqual([202, 'value-list']);
  });

  it('of text are read as they are when that is said', async () => {
    const { json } = await submit(Buffer.from('<html><body>hxxps://a[.]example/1</body></html>\n'), {}, '?format=text');
    expect([json['format'], json['contents']]).toEqual(['text', undefined]);
  });

  it('many at once wait for one another and all end', async () => {
    const replies = await Promise.all(
      Array.from({ length: 8 }, (_none, n) => submit(makeXlsx({ one: [['sha256'], [HASH], [`${n}`.repeat(64)]] }))),
    );
    expect(replies.map(({ status }) => status)).toEqual(Array(8).fill(202));
  });
});
