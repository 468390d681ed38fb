import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { hashList } from './hash-list.js';
import { IntakeRig, type Reply, type RigPerson } from './intake-rig.js';

const MIB = 1024 * 1024;
const NOTHING = { uploads: 0, parts: 0, submissions: 0, keys: 0, records: 0, audit: 0 };

const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('accepting submissions', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  let other: RigPerson;
  const small = hashList(3);

  beforeAll(async () => {
    rig = await IntakeRig.start({ largestSubmissionBytes: 40 * MIB });
    await rig.channel('everyone');
    await rig.channel('closed', 'ordinary', 'closed');
    await rig.channel('night', 'emergency');
    officer = await rig.person(await rig.organisation('agency', 'Agency A', ['everyone']), 'officer');
    other = await rig.person(await rig.organisation('agency', 'Agency B', ['night']), 'officer');
  });
  afterAll(() => rig.stop());
  beforeEach(async () => {
    await rig.database.query(
      'TRUNCATE intake.submission, intake.submission_key, intake.part, intake.upload, intake.outbox, intake.audit',
    );
  });

  const submit = (
    body: RequestInit['body'],
    headers: Record<string, string> = {},
    query = '',
    by = officer,
  ): Promise<Reply> => rig.call(by, 'POST', `/v1/submissions${query}`, body, headers);

  it('gives a receipt, and keeps the document sealed until the normaliser asks for it', async () => {
    const reply = await submit(small, { 'content-type': 'text/plain' }, '?channels=everyone&harm=tvec&valid_for=30');
    expect(reply.status).toBe(202);
    const { id } = reply.json;
    expect(reply.location).toBe(`/v1/submissions/${String(id)}`);
    expect(reply.json).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/) as unknown,
      state: 'accepted',
      kind: 'advisory',
      format: 'value-list',
      received_at: expect.stringMatching(/^\d{4}-.*Z$/) as unknown,
      sha256: sha256(small),
      bytes: small.length,
      bytes_decompressed: small.length,
      status_url: `/v1/submissions/${String(id)}`,
    });
    expect(await rig.document(String(id))).toEqual(small);
    const [part] = await rig.database.query<{ ciphertext: Buffer }[]>('SELECT ciphertext FROM intake.part');
    expect(part?.ciphertext.includes(small.subarray(0, 32))).toBe(false);
    expect(await rig.leftBehind()).toEqual({ uploads: 0, parts: 1, submissions: 1, keys: 1, records: 1, audit: 1 });
  });

  it('tells the normaliser by one record with the headers of a CloudEvent', async () => {
    const { json } = await submit(small, {}, '?channels=everyone&harm=tvec&valid_for=30&format=value-list');
    const [record] = await rig.outbox();
    expect(record).toMatchObject({
      lane: 1,
      topic: 'tocsin.submissions.v1',
      key: json.id,
      headers: {
        ce_specversion: '1.0',
        ce_id: json.id,
        ce_source: '/tocsin/intake',
        ce_type: 'tocsin.submission.accepted',
        ce_time: json.received_at,
        ce_subject: json.id,
        'content-type': 'application/json',
      },
      event: {
        submission_id: json.id,
        kind: 'advisory',
        agency_id: officer.organisationId,
        person_id: officer.personId,
        key_id: officer.key.split('_')[1],
        format: 'value-list',
        sha256: sha256(small),
        bytes: small.length,
        lane: 1,
      },
    });
    expect(record?.event).not.toHaveProperty('parameters');
    expect(await rig.parameters(String(json.id))).toEqual({ channels: ['everyone'], harm: ['tvec'], valid_for: 30 });
  });

  it.each([
    ['a named emergency channel', () => officer, '?channels=everyone,night', 0],
    ['an emergency channel by default', () => other, '', 0],
    ['ordinary channels', () => other, '?channels=everyone', 1],
  ])('chooses the lane by %s', async (_, by, query, lane) => {
    expect((await submit(small, {}, query, by())).status).toBe(202);
    expect((await rig.outbox())[0]).toMatchObject({ lane, event: { lane } });
  });

  it('cuts a large document into parts of 1 MiB, each sealed with one key', async () => {
    const large = hashList(80_000);
    const reply = await submit(large);
    expect(reply.status).toBe(202);
    expect(reply.json).toMatchObject({ sha256: sha256(large), bytes: large.length });
    const lengths = await rig.database.query<{ seq: number; length: number }[]>(
      'SELECT seq, length(ciphertext) AS length FROM intake.part ORDER BY seq',
    );
    expect(lengths.map(({ length }) => length - 28)).toEqual([MIB, MIB, MIB, MIB, large.length - 4 * MIB]);
    expect((await rig.document(String(reply.json.id))).equals(large)).toBe(true);
    expect(await rig.leftBehind()).toMatchObject({ uploads: 0, parts: 5, keys: 1 });
  });

  it.each([
    ['exactly one part', MIB],
    ['exactly two parts', 2 * MIB],
    ['one byte more than a part', MIB + 1],
  ])('takes a document of %s', async (_, length) => {
    const document = Buffer.concat([hashList(40_000)]).subarray(0, length);
    const reply = await submit(document, {}, '?format=value-list');
    expect(reply.status).toBe(202);
    expect((await rig.document(String(reply.json.id))).equals(document)).toBe(true);
  });

  describe('body forms', () => {
    const packed = gzipSync(hashList(50_000));

    it.each([
      ['with Content-Encoding', { 'content-encoding': 'gzip', 'content-type': 'text/plain' }],
      ['told by its first bytes', { 'content-type': 'application/gzip' }],
      ['without any type', {}],
    ])('takes gzip %s', async (_, headers: Record<string, string>) => {
      const reply = await submit(packed, headers);
      expect(reply.json).toMatchObject({
        sha256: sha256(packed),
        bytes: packed.length,
        bytes_decompressed: 50_000 * 65,
        format: 'value-list',
      });
      expect((await rig.document(String(reply.json.id))).equals(hashList(50_000))).toBe(true);
    });

    it('takes multipart: parameters as a field, then the file', async () => {
      const form = new FormData();
      form.set('parameters', JSON.stringify({ harm: ['tvec'], bulletin: { title: 'Words' } }));
      form.set('file', new Blob([new Uint8Array(small)], { type: 'text/plain' }), 'list.txt');
      const reply = await submit(form, {}, '?confidence=70');
      expect(reply.json).toMatchObject({ sha256: sha256(small), bytes: small.length, format: 'value-list' });
      const [record] = await rig.outbox();
      const said = { harm: ['tvec'], bulletin: { title: 'Words' }, confidence: 70 };
      expect(await rig.parameters(String(reply.json.id))).toEqual(said);
      expect(JSON.stringify(record)).not.toMatch(/list\.txt|Words/);
    });

    it('takes multipart: parameters as a blob, the file as gzip', async () => {
      const form = new FormData();
      form.set('parameters', new Blob([JSON.stringify({ harm: ['tvec'] })], { type: 'application/json' }));
      form.set('file', new Blob([packed]), 'list.txt.gz');
      const reply = await submit(form);
      expect(reply.json).toMatchObject({
        sha256: sha256(packed),
        bytes: packed.length,
        bytes_decompressed: 50_000 * 65,
      });
      expect(await rig.parameters(String(reply.json.id))).toEqual({ harm: ['tvec'] });
    });

    it('takes a bulletin without a document', async () => {
      const form = new FormData();
      form.set('parameters', JSON.stringify({ bulletin: { title: 'Words' } }));
      const reply = await submit(form);
      expect(reply).toMatchObject({ status: 202, json: { bytes: 0 } });
      expect(await rig.leftBehind()).toMatchObject({ parts: 0, keys: 1, records: 1 });
    });

    it('takes what comes in chunks of any size', async () => {
      const document = hashList(2000);
      const body = new ReadableStream<Uint8Array>({
        async start(stream) {
          for (let at = 0; at < document.length; at += 1237) {
            stream.enqueue(document.subarray(at, at + 1237));
            await sleep(0);
          }
          stream.close();
        },
      });
      const reply = await submit(body);
      expect((await rig.document(String(reply.json.id))).equals(document)).toBe(true);
    });
  });

  describe('idempotency keys', () => {
    it('give the same id for the same submission, however often and however it is compressed on the way', async () => {
      const first = await submit(small, { 'idempotency-key': 'k1' }, '?harm=tvec&confidence=5');
      const second = await submit(small, { 'idempotency-key': 'k1' }, '?confidence=5&harm=tvec');
      expect(second).toEqual(first);
      expect(await rig.leftBehind()).toMatchObject({ submissions: 1, parts: 1, records: 1, audit: 1, uploads: 0 });
    });

    it.each([
      ['body', hashList(4), '?harm=tvec'],
      ['parameters', small, '?harm=csea'],
      ['format', small, '?harm=tvec&format=csv-list'],
    ])('refuse another %s', async (_, body, query) => {
      expect((await submit(small, { 'idempotency-key': 'k1' }, '?harm=tvec')).status).toBe(202);
      expect(await submit(body, { 'idempotency-key': 'k1' }, query)).toMatchObject({
        status: 409,
        json: { code: 'TOC_SUBMISSION_IDEMPOTENCY' },
      });
      expect(await rig.leftBehind()).toMatchObject({ submissions: 1, records: 1 });
    });

    it('belong to an agency', async () => {
      const mine = await submit(small, { 'idempotency-key': 'k1' });
      const theirs = await submit(hashList(9), { 'idempotency-key': 'k1' }, '', other);
      expect(theirs.status).toBe(202);
      expect(theirs.json.id).not.toBe(mine.json.id);
    });

    it('hold when a channel was closed meanwhile', async () => {
      await rig.channel('short-lived');
      const first = await submit(small, { 'idempotency-key': 'k1' }, '?channels=short-lived');
      await rig.database.query(`UPDATE directory.channel SET state = 'closed' WHERE id = 'short-lived'`);
      expect(await submit(small, { 'idempotency-key': 'k1' }, '?channels=short-lived')).toEqual(first);
    });

    it('hold for duplicates at one moment', async () => {
      const large = hashList(60_000);
      const replies = await Promise.all(Array.from({ length: 6 }, () => submit(large, { 'idempotency-key': 'k2' })));
      expect(new Set(replies.map(({ status, json }) => `${status} ${String(json.id)}`)).size).toBe(1);
      expect(replies[0]?.status).toBe(202);
      expect(await rig.leftBehind()).toEqual({ uploads: 0, parts: 4, submissions: 1, keys: 1, records: 1, audit: 1 });
    });

    it('let one win when different submissions race', async () => {
      const replies = await Promise.all(
        Array.from({ length: 6 }, (_, index) => submit(hashList(20_000, `${index}`), { 'idempotency-key': 'k3' })),
      );
      expect(replies.map(({ status }) => status).sort()).toEqual([202, 409, 409, 409, 409, 409]);
      expect(await rig.leftBehind()).toEqual({ uploads: 0, parts: 2, submissions: 1, keys: 1, records: 1, audit: 1 });
    });
  });

  it('keeps nothing of an upload that breaks off', async () => {
    const large = hashList(100_000);
    await new Promise<void>((resolve) => {
      const upload = httpRequest(`${rig.url}/v1/submissions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${officer.key}`, 'content-length': large.length },
      });
      upload.on('error', () => resolve());
      upload.write(large.subarray(0, 4 * MIB), () => void sleep(150).then(() => upload.destroy()));
      upload.on('close', () => resolve());
    });
    for (let tries = 0; tries < 1_200; tries += 1) {
      if (Object.values(await rig.leftBehind()).every((count) => count === 0)) break;
      await sleep(50);
    }
    expect(await rig.leftBehind()).toEqual(NOTHING);
  });

  it('asks for another try when the database goes away in the middle, and keeps nothing', async () => {
    const large = hashList(100_000);
    const other = rig.database.createQueryRunner();
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(large.subarray(0, 3 * MIB));
      await sleep(100);
      // The next parts are held in the middle of being written.
      await other.query('BEGIN; LOCK TABLE intake.part IN ACCESS EXCLUSIVE MODE');
      yield new Uint8Array(large.subarray(3 * MIB));
      const waits = `SELECT FROM pg_stat_activity
        WHERE application_name = 'tocsin-intake' AND datname = current_database() AND wait_event_type = 'Lock'`;
      while (((await other.query(waits)) as object[]).length === 0) await sleep(20);
      await other.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tocsin-intake' AND datname = current_database()`,
      );
      await other.query('ROLLBACK');
    }
    const headers = { 'idempotency-key': 'k4' };
    const reply = await submit(ReadableStream.from(pieces()), headers);
    await other.release();
    expect(reply).toMatchObject({ status: 503, json: { code: 'TOC_DATABASE_UNAVAILABLE', retryable: true } });
    expect(await rig.leftBehind()).toEqual(NOTHING);
    expect((await submit(large, headers)).status).toBe(202);
    expect(await rig.leftBehind()).toMatchObject({ uploads: 0, submissions: 1, parts: 7, keys: 1, records: 1 });
  });

  it('counts what came and how it ended', async () => {
    await submit(small);
    await submit(Buffer.from('GIF89a'));
    const { text } = await rig.telemetry.scrape();
    expect(text).toMatch(/tocsin_intake_submissions_total\{format="value-list",outcome="accepted",app="intake"\} \d+/);
    expect(text).toMatch(/tocsin_intake_submissions_total\{format="unknown",outcome="refused",app="intake"\} \d+/);
    expect(text).toMatch(/tocsin_intake_commit_seconds_count\{app="intake"\} \d+/);
  });
});
