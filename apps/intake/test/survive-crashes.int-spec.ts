import { createHash } from 'node:crypto';
import { createGzip } from 'node:zlib';
import { request as httpRequest } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { IntakeProcess } from './intake-process.js';
import { IntakeRig, type RigPerson } from './intake-rig.js';

const MIB = 1024 * 1024;

function* hashLines(bytes: number): Generator<Buffer> {
  let counter = 0;
  for (let sent = 0; sent < bytes;) {
    const lines: string[] = [];
    for (let line = 0; line < 1000; line += 1)
      lines.push(
        createHash('sha256')
          .update(String((counter += 1)))
          .digest('hex'),
      );
    const piece = Buffer.from(`${lines.join('\n')}\n`);
    sent += piece.length;
    yield piece;
  }
}

describe('intake as a process', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  const running: IntakeProcess[] = [];
  const start = async (more: Record<string, string> = {}): Promise<IntakeProcess> => {
    const intake = await IntakeProcess.start(rig, more);
    running.push(intake);
    return intake;
  };

  beforeAll(async () => {
    rig = await IntakeRig.start();
    officer = await rig.person(await rig.organisation('agency', 'Agency'), 'officer');
  });
  afterAll(async () => {
    await Promise.all(running.map(({ child }) => child.stop()));
    await rig.stop();
  });
  afterEach(async () => {
    await rig.database.query(
      'TRUNCATE intake.submission, intake.submission_key, intake.part, intake.upload, intake.outbox, intake.audit',
    );
  });

  const submit = (intake: IntakeProcess, body: Buffer, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(`${intake.url}/v1/submissions`, {
      method: 'POST',
      body: new Uint8Array(body),
      headers: { authorization: `Bearer ${officer.key}`, 'idempotency-key': 'k', ...headers },
    });
  const upload = (
    intake: IntakeProcess,
    source: AsyncIterable<Buffer> | Iterable<Buffer>,
    more: NodeJS.ReadWriteStream[] = [],
  ): Promise<{ status?: number; json: Record<string, unknown> }> =>
    new Promise((resolve, reject) => {
      const sending = httpRequest(`${intake.url}/v1/submissions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${officer.key}` },
      });
      sending.on('response', (answer) => {
        let text = '';
        answer.on('data', (piece: Buffer) => (text += piece.toString()));
        answer.on('end', () =>
          resolve({ status: answer.statusCode, json: JSON.parse(text) as Record<string, unknown> }),
        );
      });
      sending.on('error', reject);
      pipeline([Readable.from(source), ...more, sending]).catch(reject);
    });

  it.each([
    ['small', Buffer.from(`${'ab'.repeat(32)}\n`)],
    ['large', Buffer.concat([...hashLines(3 * MIB)])],
  ])('killed after the commit and before the reply, it knows a %s submission again', async (_, document) => {
    const doomed = await start({ TOCSIN_CRASH_AT: 'after-commit-before-reply' });
    await expect(submit(doomed, document)).rejects.toThrow();
    expect(await doomed.child.ended).toEqual({ code: null, signal: 'SIGKILL' });
    const [row] = await rig.database.query<{ id: string }[]>('SELECT id FROM intake.submission');
    const next = await start();
    const reply = await submit(next, document);
    expect(reply.status).toBe(202);
    expect(await reply.json()).toMatchObject({ id: row?.id });
    expect(await rig.leftBehind()).toMatchObject({ submissions: 1, keys: 1, records: 1, audit: 1, uploads: 0 });
    expect((await rig.document(String(row?.id))).equals(document)).toBe(true);
    await next.child.stop();
  });

  it('killed before the commit, it has promised nothing: only noise without a key is left, and that for an hour', async () => {
    const doomed = await start({ TOCSIN_CRASH_AT: 'after-parts-before-commit' });
    await expect(submit(doomed, Buffer.concat([...hashLines(3 * MIB)]))).rejects.toThrow();
    expect(await rig.leftBehind()).toMatchObject({ uploads: 1, submissions: 0, keys: 0, records: 0, audit: 0 });
  });

  it('asked to stop, it ends the upload under way and takes no more', async () => {
    const intake = await start();
    async function* slowly(): AsyncGenerator<Buffer> {
      for (const piece of hashLines(2 * MIB)) {
        yield piece;
        await sleep(20);
      }
    }
    const uploads = async (): Promise<number> => (await rig.leftBehind()).uploads ?? 0;
    const before = await uploads();
    const reply = upload(intake, slowly());
    while ((await uploads()) <= before) await sleep(20);
    const end = intake.child.stop();
    expect((await reply).status).toBe(202);
    expect(await end).toEqual({ code: 0, signal: null });
    await expect(submit(intake, Buffer.from('x'))).rejects.toThrow();
  });

  it.each([
    ['plain', () => []],
    ['compressed', () => [createGzip({ level: 1 })]],
  ])('takes a large document in little memory: %s', async (_, more) => {
    const intake = await start();
    const before = await intake.peakMemory();
    const { status, json } = await upload(intake, hashLines(128 * MIB), more());
    expect(status).toBe(202);
    expect(json.bytes_decompressed).toBeGreaterThanOrEqual(128 * MIB);
    const peak = await intake.peakMemory();
    process.stdout.write(`peak memory of intake: ${peak.toFixed(0)} MiB, ${before.toFixed(0)} MiB when started\n`);
    // The same for a document eight times as long (measured by hand: 1 GiB, 212 MiB).
    expect(peak).toBeLessThan(230);
    await intake.child.stop();
  });
});
