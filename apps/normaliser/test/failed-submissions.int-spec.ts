import { createHash, randomUUID } from 'node:crypto';
import type { Principal } from '#libs/access';
import { COMPLETE, NormaliserRig, type RigAgency } from './normaliser-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const STRICT = `${digest('strict')}\n`;
const LIST = `${digest('ab')}\n${digest('cd')}\n`;

describe('a submission that a fault of ours ended', () => {
  let rig: NormaliserRig;
  let agency: RigAgency;
  let operator: Principal;
  beforeAll(async () => {
    rig = await NormaliserRig.start();
    await rig.channel('everyone');
    agency = await rig.agency('Agency', 'NZ');
    const organisationId = randomUUID();
    operator = { ...agency.officer, personId: randomUUID(), organisationId, organisationKind: 'operator' };
    operator.roles = ['operator'];
  });
  afterAll(() => rig.stop());

  interface Letter {
    id: string;
    source: string;
    position: string;
    code: string;
    detail: string;
    bytes: number;
    replayed_at?: string;
  }
  const replay = (id: string, principal = operator): Promise<Letter> =>
    rig.normaliser.request('POST', `/internal/dead-letters/${id}/replay`, { principal, json: {} });

  test('is among the dead letters, and goes on from where it stood when it is tried again', async () => {
    // No item is at fault, so none can be set aside.
    await rig.database.query('ALTER TABLE normaliser.chunk ADD CONSTRAINT fault CHECK (seq < 0) NOT VALID');
    const failing = await rig.submit(agency, LIST, COMPLETE);
    const story = await rig.story(agency.officer, failing, ['failed']);
    expect(story).toMatchObject({ problem: { code: 'TOC_FAULT' }, counts: { read: 0 } });
    const letterId = String(story.dead_letter);
    const { dead_letters: letters } = await rig.normaliser.request<{ dead_letters: Letter[] }>(
      'GET',
      '/internal/dead-letters',
      { principal: operator },
    );
    expect(letters.find((letter) => letter.id === letterId)).toMatchObject({
      source: `submission/${failing}`,
      position: 'document',
      code: 'TOC_FAULT',
      detail: 'QueryFailedError 23514',
      bytes: 0,
    });
    await expect(replay(letterId, agency.approver)).rejects.toMatchObject({ code: 'TOC_ACCESS_FORBIDDEN' });

    // Not mended yet: it fails again, and waits again.
    expect(await replay(letterId)).toHaveProperty('replayed_at');
    await rig.story(agency.officer, failing, ['failed']);
    await rig.database.query('ALTER TABLE normaliser.chunk DROP CONSTRAINT fault');
    await replay(letterId);
    expect(await rig.story(agency.officer, failing, ['settled'])).toMatchObject({ counts: { read: 2, asserted: 2 } });
    await expect(replay(letterId)).rejects.toMatchObject({ code: 'TOC_REQUEST_CONFLICT' });
    const audit = await rig.database.query<{ actor: string; action: string }[]>(
      'SELECT actor, action FROM normaliser.audit WHERE subject = $1 ORDER BY id',
      [`submission/${failing}`],
    );
    const retry = { actor: operator.personId, action: 'retry-submission' };
    const failure = { actor: 'service:normaliser', action: 'fail-submission' };
    const told = audit.filter(({ action }) => action !== 'receive-submissions');
    expect(told.slice(0, 4)).toEqual([failure, retry, failure, retry]);
    expect(new Set(told.slice(4).map(({ action }) => action))).toEqual(new Set(['assert-document']));
  });

  test('records that Kafka refused are dead letters too, and go out again unless a newer version has replaced them', async () => {
    const lines = (...texts: string[]): string => texts.map((text) => `${digest(text)}\n`).join('');
    const id = await rig.submit(agency, lines('11', '22'), COMPLETE);
    await rig.story(agency.officer, id, ['settled']);
    const published = async (byte: string): Promise<Record<string, unknown>[]> =>
      (await rig.records('everyone')).filter(
        ({ signal }) => (signal as { value?: string } | undefined)?.value === digest(byte),
      );
    const keys = [...(await published('11')), ...(await published('22'))].map((record) => String(record.row_id));
    const [{ id: outboxId } = { id: '' }] = await rig.database.query<{ id: string }[]>(
      `WITH refused AS (UPDATE normaliser.outbox SET published_at = now(), refused_keys = $1
         WHERE id = (SELECT max(id) FROM normaliser.outbox) RETURNING id) SELECT id FROM refused`,
      [keys],
    );
    // More is said about the second signal meanwhile.
    const more = await rig.submit(agency, lines('22'), { ...COMPLETE, harm: ['tvec/recruitment'] });
    await rig.story(agency.officer, more, ['settled']);
    const list = () =>
      rig.normaliser.request<{ dead_letters: Letter[] }>('GET', '/internal/dead-letters', { principal: operator });
    const letter = (await list()).dead_letters.find(({ position }) => position === `outbox/${outboxId}`);
    expect(letter).toMatchObject({ source: 'tocsin.channel.everyone.v1', code: 'TOC_KAFKA_RECORD_REFUSED' });
    expect(letter?.detail).toContain(keys[0]);
    const path = `/internal/dead-letters/${letter?.id}`;
    expect(await rig.normaliser.request('GET', path, { principal: operator })).toEqual(letter);
    await expect(replay(String(letter?.id), agency.approver)).rejects.toMatchObject({ code: 'TOC_ACCESS_FORBIDDEN' });
    const before = [(await published('11')).length, (await published('22')).length];
    expect(await replay(String(letter?.id))).toHaveProperty('replayed_at');
    expect([(await published('11')).length, (await published('22')).length]).toEqual([(before[0] ?? 0) + 1, before[1]]);
    expect((await list()).dead_letters.map(({ id: one }) => one)).not.toContain(letter?.id);
    await expect(replay(String(letter?.id))).rejects.toMatchObject({ code: 'TOC_ACCESS_NOT_FOUND' });
  });

  test('keeps why it was being taken back, and can be refused while it has failed', async () => {
    await rig.story(agency.officer, await rig.submit(agency, STRICT, { ...COMPLETE, tlp: 'amber' }), ['settled']);
    const id = await rig.submit(agency, `${digest('34')}\n${STRICT}`, COMPLETE);
    const [hold] = (await rig.story(agency.officer, id, ['held'])).holds as { id: string }[];
    await rig.database.query(`UPDATE normaliser.job SET state = 'failed' WHERE submission_id = $1`, [id]);
    await rig.database.query(
      'ALTER TABLE normaliser.past_marking ADD CONSTRAINT fault CHECK (row_id IS NULL) NOT VALID',
    );
    await rig.normaliser.request('POST', `/internal/holds/${hold?.id}/refusal`, {
      principal: agency.approver,
      json: { reason: 'no' },
    });
    let letter: string | undefined;
    for (const until = Date.now() + 60_000; letter === undefined && Date.now() < until;) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      letter = (await rig.story(agency.officer, id, ['failed', 'working', 'refused'])).dead_letter as typeof letter;
    }
    await rig.database.query('ALTER TABLE normaliser.past_marking DROP CONSTRAINT fault');
    await replay(String(letter));
    expect(await rig.story(agency.officer, id, ['refused'])).toMatchObject({ problem: { code: 'TOC_ITEM_REFUSED' } });
    const [said] = await rig.database.query<object[]>(
      `SELECT count(*)::integer AS rows FROM normaliser.assertion a
         JOIN normaliser.advisory_reading r USING (advisory_id) WHERE r.submission_id = $1`,
      [id],
    );
    expect(said).toEqual({ rows: 0 });
  });
});
