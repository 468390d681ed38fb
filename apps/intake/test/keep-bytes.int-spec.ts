import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createKey, type Principal } from '#libs/access';
import { createLogger, Telemetry } from '#libs/runtime';
import { Announcements } from '../src/announce-again/announcements.js';
import { ByteEraser } from '../src/erase-bytes/byte-eraser.js';
import { IntakeRig, type RigPerson } from './intake-rig.js';

const LIST = Buffer.from(`${'ab'.repeat(32)}\n${'cd'.repeat(32)}\n`);

describe('keeping, destroying and erasing bytes', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  beforeAll(async () => {
    rig = await IntakeRig.start();
    officer = await rig.person(await rig.organisation('agency', 'Agency'), 'officer');
  });
  afterAll(() => rig.stop());
  beforeEach(async () => {
    await rig.database.query(
      'TRUNCATE intake.submission, intake.submission_key, intake.part, intake.upload, intake.outbox, intake.audit',
    );
  });

  const submit = async (): Promise<string> =>
    String((await rig.call(officer, 'POST', '/v1/submissions', new Uint8Array(LIST))).json.id);
  const operator = (personId = randomUUID()): Principal => ({
    personId,
    organisationId: randomUUID(),
    organisationKind: 'operator',
    organisationName: 'Operators',
    country: 'NO',
    roles: ['operator'],
    keyId: 'k',
  });
  const audit = (): Promise<Record<string, unknown>[]> =>
    rig.database.query('SELECT actor, action, subject, reason, detail FROM intake.audit ORDER BY id');
  const rowOf = async (id: string): Promise<Record<string, unknown> | undefined> => {
    const [row] = await rig.database.query<Record<string, unknown>[]>('SELECT * FROM intake.submission WHERE id = $1', [
      id,
    ]);
    return row;
  };

  describe('parts', () => {
    it('are read with the key that sealed them, after newer keys came', async () => {
      const id = await submit();
      createKey(rig.keysDir, 'submission-wrapping', new Date());
      await rig.stopIntake();
      await rig.startIntake();
      const newer = await submit();
      expect(await rig.document(id)).toEqual(LIST);
      expect(await rig.document(newer)).toEqual(LIST);
      const ids = await rig.database.query<{ wrapping_key_id: string }[]>(
        'SELECT DISTINCT wrapping_key_id FROM intake.submission_key',
      );
      expect(ids).toHaveLength(2);
    });

    it('need an older key for as long as they are kept, which is told, and then none', async () => {
      const old = await submit();
      const [first] = readdirSync(join(rig.keysDir, 'submission-wrapping')).sort().reverse();
      createKey(rig.keysDir, 'submission-wrapping', new Date());
      await rig.stopIntake();
      await rig.startIntake();
      const newer = await submit();
      const figure = async (): Promise<string | undefined> =>
        /^tocsin_submissions_under_old_keys{[^}]*} (\S+)$/m.exec((await rig.telemetry.scrape()).text)?.[1];
      expect(await figure()).toBe('1');
      const decision = { proposal_id: randomUUID(), proposed_by: randomUUID(), confirmed_by: 'x', reason: 'a court' };
      const principal = operator();
      await rig.peer('console').request('POST', `/internal/submissions/${old}/purge`, { principal, json: decision });
      expect(await figure()).toBe('0');
      rmSync(join(rig.keysDir, 'submission-wrapping', first ?? ''));
      await rig.stopIntake();
      await rig.startIntake();
      expect(await rig.document(newer)).toEqual(LIST);
    });

    it.each([
      ['of a submission that is not there', () => `/internal/submissions/${randomUUID()}/parts/0`],
      ['with no id', () => '/internal/submissions/x/parts/0'],
      ['with no number', (id: string) => `/internal/submissions/${id}/parts/x`],
      ['behind the last', (id: string) => `/internal/submissions/${id}/parts/1`],
      ['before the first', (id: string) => `/internal/submissions/${id}/parts/-1`],
    ])('%s are not found', async (_, path) => {
      await expect(rig.peer('normaliser').bytes('GET', path(await submit()))).rejects.toMatchObject({
        code: 'TOC_ACCESS_NOT_FOUND',
      });
    });

    it('go to the normaliser alone', async () => {
      const path = `/internal/submissions/${await submit()}/parts/0`;
      await expect(rig.peer('console').bytes('GET', path)).rejects.toThrow('answered 401');
      expect((await rig.call(officer, 'GET', path)).status).toBe(401);
    });

    it('cannot be put in another place or another submission', async () => {
      const [one, two] = [await submit(), await submit()];
      await rig.database.query(
        `UPDATE intake.part a SET ciphertext = b.ciphertext FROM intake.part b WHERE a.submission_id = $1 AND b.submission_id = $2`,
        [one, two],
      );
      await expect(rig.document(one)).rejects.toMatchObject({ code: 'TOC_PEER_UNAVAILABLE' });
      expect(await rig.document(two)).toEqual(LIST);
    });
  });

  describe('a spill', () => {
    const report = (id: string): Promise<unknown> =>
      rig.peer('normaliser').request('POST', `/internal/submissions/${id}/spill`, {
        json: { code: 'TOC_SUBMISSION_MEDIA', detail: 'an artifact with its bytes' },
      });

    it('destroys key and parts, once, with one audit row', async () => {
      const id = await submit();
      await report(id);
      await report(id);
      expect(await rig.leftBehind()).toMatchObject({ parts: 0, keys: 0, submissions: 1, audit: 2 });
      expect(await rowOf(id)).toMatchObject({ bytes_state: 'purged', parameters: null });
      expect((await audit()).at(-1)).toMatchObject({
        actor: 'service:normaliser',
        action: 'destroy-spill',
        subject: `submission/${id}`,
        reason: 'TOC_SUBMISSION_MEDIA',
      });
      await expect(rig.document(id)).rejects.toMatchObject({ code: 'TOC_SUBMISSION_PURGED' });
    });

    it('of nothing is not found', async () => {
      await expect(report(randomUUID())).rejects.toMatchObject({ code: 'TOC_ACCESS_NOT_FOUND' });
    });

    it('keeps the receipt and the promise of the idempotency key', async () => {
      const headers = { 'idempotency-key': 'k' };
      const first = await rig.call(officer, 'POST', '/v1/submissions?harm=tvec', new Uint8Array(LIST), headers);
      await report(String(first.json.id));
      expect(await rig.call(officer, 'POST', '/v1/submissions?harm=tvec', new Uint8Array(LIST), headers)).toEqual(
        first,
      );
      expect(await rig.leftBehind()).toMatchObject({ parts: 0, keys: 0, submissions: 1 });
    });
  });

  describe('a purge', () => {
    const decision = {
      proposal_id: randomUUID(),
      proposed_by: randomUUID(),
      confirmed_by: 'x',
      reason: 'a court says so',
    };
    const purge = (
      id: string,
      principal: Principal | undefined,
      json: object = decision,
      self: 'console' | 'normaliser' = 'console',
    ): Promise<unknown> => rig.peer(self).request('POST', `/internal/submissions/${id}/purge`, { principal, json });

    it('by two operators destroys key and parts; a repeat changes nothing', async () => {
      const id = await submit();
      const second = operator();
      await purge(id, second);
      await purge(id, second);
      expect(await rig.leftBehind()).toMatchObject({ parts: 0, keys: 0, audit: 2 });
      expect((await audit()).at(-1)).toMatchObject({
        actor: second.personId,
        action: 'purge-submission',
        reason: decision.reason,
        detail: JSON.stringify({ proposal: decision.proposal_id, proposed_by: decision.proposed_by }),
      });
    });

    it.each([
      ['one person as both', () => operator(decision.proposed_by), decision, 'TOC_ACCESS_SECOND_PERSON'],
      [
        'somebody of an agency',
        () => ({ ...operator(), organisationKind: 'agency' as const }),
        decision,
        'TOC_ACCESS_FORBIDDEN',
      ],
      ['nobody', () => undefined, decision, 'TOC_PEER_UNAVAILABLE'],
      ['no proposal', () => operator(), { ...decision, proposal_id: 'x' }, 'TOC_REQUEST_PARAMETER'],
      ['no reason', () => operator(), { ...decision, reason: ' ' }, 'TOC_REQUEST_PARAMETER'],
    ])('by %s is refused', async (_, principal, json, code) => {
      const id = await submit();
      await expect(purge(id, principal(), json)).rejects.toMatchObject({ code });
      expect(await rig.document(id)).toEqual(LIST);
    });

    it('is the console’s to ask', async () => {
      await expect(purge(await submit(), operator(), decision, 'normaliser')).rejects.toThrow('answered 401');
    });
  });

  describe('erasing', () => {
    const eraser = (keepHours: number): ByteEraser => {
      const parts = { logger: createLogger('test', 'fatal'), telemetry: new Telemetry('test') };
      const announcements = new Announcements(rig.database, parts.logger, parts.telemetry);
      return new ByteEraser(rig.database, rig.normaliserClient(), announcements, keepHours, parts);
    };
    const normaliserSays = (states: Record<string, { state: string; settled_at: string | null }>): void => {
      rig.normaliser.answer = ({ query }) => ({
        status: 200,
        json: (query.get('ids') ?? '').split(',').flatMap((id) => (states[id] ? [{ id, ...states[id] }] : [])),
      });
    };
    const hoursAgo = (hours: number): string => new Date(Date.now() - hours * 3_600_000).toISOString();

    it('takes what settled long enough ago, and nothing else', async () => {
      const [old, young, held, failed, unknown] = [
        await submit(),
        await submit(),
        await submit(),
        await submit(),
        await submit(),
      ];
      normaliserSays({
        [old]: { state: 'settled', settled_at: hoursAgo(73) },
        [young]: { state: 'refused', settled_at: hoursAgo(71) },
        [held]: { state: 'held', settled_at: null },
        [failed]: { state: 'failed', settled_at: hoursAgo(100) },
      });
      const erasing = eraser(72);
      await erasing.step();
      await erasing.step();
      expect(await rowOf(old)).toMatchObject({
        bytes_state: 'erased',
        parameters: null,
        sha256: expect.any(String) as unknown,
      });
      for (const id of [young, held, failed, unknown]) expect(await rig.document(id)).toEqual(LIST);
      await expect(rig.document(old)).rejects.toMatchObject({ code: 'TOC_SUBMISSION_PURGED' });
      expect((await audit()).at(-1)).toMatchObject({
        actor: 'service:intake',
        action: 'erase-bytes',
        subject: `submission/${old}`,
      });
      expect(await rig.leftBehind()).toMatchObject({ parts: 4, keys: 4, audit: 6 });
    });

    it('asks about every submission, batch after batch', async () => {
      await rig.database.query(
        `INSERT INTO intake.submission (id, kind, agency_id, person_id, format, body_digest, sha256, bytes_received, bytes_stored, parts, lane, received_at)
         SELECT gen_random_uuid(), 'advisory', gen_random_uuid(), gen_random_uuid(), 'value-list', '', '', 0, 0, 0, 1, now() FROM generate_series(1, 450)`,
      );
      const asked = new Set<string>();
      rig.normaliser.answer = ({ query }) => {
        for (const id of (query.get('ids') ?? '').split(',')) asked.add(id);
        return { status: 200, json: [] };
      };
      const erasing = eraser(72);
      expect([await erasing.step(), await erasing.step(), await erasing.step()]).toEqual(['again', 'again', 60_000]);
      expect(asked.size).toBe(450);
    });

    it('goes on when the normaliser is away', async () => {
      const id = await submit();
      normaliserSays({ [id]: { state: 'settled', settled_at: hoursAgo(1) } });
      await eraser(72).step();
      rig.normaliser.answer = () => undefined;
      await expect(eraser(0).step()).resolves.toBe(60_000);
      expect(await rowOf(id)).toMatchObject({ bytes_state: 'erased' });
      await submit();
      await expect(eraser(0).step()).rejects.toMatchObject({ code: 'TOC_PEER_UNAVAILABLE' });
    });

    it('removes uploads that were left an hour ago, not those that go on', async () => {
      const [left, going] = [randomUUID(), randomUUID()];
      await rig.database.query(
        `INSERT INTO intake.upload VALUES ($1, now() - interval '61 minutes'), ($2, now() - interval '59 minutes')`,
        [left, going],
      );
      await rig.database.query(`INSERT INTO intake.part VALUES ($1, 0, 'a'), ($1, 1, 'b'), ($2, 0, 'c')`, [
        left,
        going,
      ]);
      normaliserSays({});
      await eraser(72).step();
      expect(await rig.leftBehind()).toMatchObject({ uploads: 1, parts: 1, audit: 0 });
    });
  });
});
