import { createHash, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import type { Principal } from '#libs/access';
import { TocsinError } from '#libs/domain';
import { IntakeRig, type Reply, type RigPerson } from './intake-rig.js';
import { notFound } from './normaliser-stand-in.js';

const ADVISORY = randomUUID();
const REQUEST = {
  reason: 'wrong-person',
  signals: [{ type: 'sha256', value: 'a'.repeat(64) }],
  channels: ['everyone'],
};

describe('taking back advisories', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  let other: RigPerson;
  let operator: RigPerson;

  beforeAll(async () => {
    rig = await IntakeRig.start();
    await rig.channel('everyone');
    officer = await rig.person(await rig.organisation('agency', 'Agency A', ['everyone']), 'officer');
    other = await rig.person(await rig.organisation('agency', 'Agency B', ['everyone']), 'officer');
    operator = await rig.person(await rig.organisation('operator', 'Operator'), 'operator');
  });
  afterAll(() => rig.stop());
  beforeEach(async () => {
    await rig.database.query(
      'TRUNCATE intake.submission, intake.submission_key, intake.part, intake.upload, intake.outbox, intake.audit',
    );
    rig.normaliser.answer = ({ path, principal }) =>
      path === `/internal/advisories/${ADVISORY}` &&
      (principal?.organisationId === officer.organisationId || principal?.organisationKind === 'operator')
        ? { status: 200, json: { id: ADVISORY, agency_id: officer.organisationId, state: 'live', revision: 1 } }
        : { status: 404, json: notFound() };
  });

  const retract = (body: RequestInit['body'], headers: Record<string, string> = {}, by = officer): Promise<Reply> =>
    rig.call(by, 'POST', `/v1/advisories/${ADVISORY}/retractions`, body, {
      'content-type': 'application/json',
      ...headers,
    });

  it('stores a retraction as a submission that goes before everything ordinary', async () => {
    const document = JSON.stringify(REQUEST, undefined, 1);
    const { status, json, location } = await retract(document);
    expect(status).toBe(202);
    expect(location).toBe(json.status_url);
    expect(json).toMatchObject({
      state: 'accepted',
      kind: 'retraction',
      format: 'tocsin-retraction',
      bytes: document.length,
      sha256: createHash('sha256').update(document).digest('hex'),
    });
    const [record] = await rig.outbox();
    expect(record).toMatchObject({
      lane: 0,
      topic: 'tocsin.submissions.v1',
      key: json.id,
      event: {
        submission_id: json.id,
        kind: 'retraction',
        agency_id: officer.organisationId,
        person_id: officer.personId,
        advisory_id: ADVISORY,
        format: 'tocsin-retraction',
        lane: 0,
      },
    });
    expect(await rig.parameters(String(json.id))).toEqual(REQUEST);
    expect((await rig.document(String(json.id))).toString()).toBe(document);
    expect(await rig.database.query('SELECT actor, action FROM intake.audit')).toEqual([
      { actor: officer.personId, action: 'accept-retraction' },
    ]);
  });

  it('keeps its word under an idempotency key', async () => {
    const headers = { 'idempotency-key': 'again' };
    const first = await retract(JSON.stringify(REQUEST), headers);
    expect(await retract(JSON.stringify(REQUEST), headers)).toEqual(first);
    const different = await retract(JSON.stringify({ reason: 'superseded' }), headers);
    expect([different.status, different.json.code]).toEqual([409, 'TOC_SUBMISSION_IDEMPOTENCY']);
    const racing = await Promise.all(
      Array.from({ length: 5 }, () => retract('{"reason":"superseded"}', { 'idempotency-key': 'race' })),
    );
    expect(new Set(racing.map(({ json }) => json.id)).size).toBe(1);
    expect(await rig.leftBehind()).toMatchObject({ submissions: 2, keys: 2, records: 2, audit: 2 });
  });

  it.each<[string, string | Buffer, number, string]>([
    ['nothing', '', 400, 'TOC_SUBMISSION_EMPTY'],
    ['no JSON', '{"reason"', 400, 'TOC_REQUEST_MALFORMED'],
    ['deep nesting', '['.repeat(100_000), 400, 'TOC_REQUEST_MALFORMED'],
    ['Latin-1', Buffer.from('{"reason":"é"}', 'latin1'), 400, 'TOC_REQUEST_MALFORMED'],
    ['no reason of the list', '{"reason":"because"}', 400, 'TOC_REQUEST_PARAMETER'],
    ['an unknown field', '{"reason":"superseded","force":true}', 400, 'TOC_REQUEST_PARAMETER'],
    ['no signals', '{"reason":"superseded","signals":[]}', 400, 'TOC_REQUEST_PARAMETER'],
    [
      'a signal that is none',
      String.raw`{"reason":"superseded","signals":[{"type":"url","value":"a\u0000"}]}`,
      400,
      'TOC_REQUEST_PARAMETER',
    ],
    ['too many bytes', `{"reason":"superseded","x":"${'x '.repeat(400_000)}"}`, 413, 'TOC_SUBMISSION_TOO_LARGE'],
    ['a gzip bomb', gzipSync(Buffer.alloc(64 * 1024 * 1024)), 413, 'TOC_SUBMISSION_TOO_LARGE'],
  ])('refuses a retraction that holds %s', async (_, body, status, code) => {
    const reply = await retract(body);
    expect([reply.status, reply.json.code]).toEqual([status, code]);
    expect(await rig.leftBehind()).toMatchObject({ submissions: 0, parts: 0, records: 0, audit: 0 });
  });

  it('refuses parameters beside the document', async () => {
    const { status, json } = await rig.call(
      officer,
      'POST',
      `/v1/advisories/${ADVISORY}/retractions?reason=superseded`,
      '{"reason":"superseded"}',
    );
    expect([status, json.code]).toEqual([400, 'TOC_REQUEST_PARAMETER']);
  });

  it.each(['retractions', 'revisions'])('has no %s for others, nor for advisories that are not there', async (what) => {
    for (const [by, id] of [
      [other, ADVISORY],
      [officer, randomUUID()],
      [officer, 'x'],
    ] as const) {
      const { status, json } = await rig.call(by, 'POST', `/v1/advisories/${id}/${what}`, '{"reason":"superseded"}');
      expect([status, json.code]).toEqual([404, 'TOC_ACCESS_NOT_FOUND']);
    }
    // Who is no agency's hears the same of every id, and the normaliser is not even asked.
    rig.normaliser.asked.length = 0;
    for (const id of [ADVISORY, randomUUID()]) {
      expect((await rig.call(operator, 'POST', `/v1/advisories/${id}/${what}`, '{}')).status).toBe(403);
    }
    expect(rig.normaliser.asked).toEqual([]);
    rig.normaliser.answer = () => undefined;
    expect((await rig.call(officer, 'POST', `/v1/advisories/${ADVISORY}/${what}`, '{}')).status).toBe(503);
    expect(await rig.leftBehind()).toMatchObject({ submissions: 0, records: 0 });
  });

  it('takes a revision as it takes a submission', async () => {
    const list = `${'b'.repeat(64)}\n`;
    const path = `/v1/advisories/${ADVISORY}/revisions?harm=tvec`;
    const headers = { 'idempotency-key': 'revision' };
    const { status, json } = await rig.call(officer, 'POST', path, list, headers);
    expect(status).toBe(202);
    expect(json).toMatchObject({ kind: 'revision', format: 'value-list' });
    expect((await rig.call(officer, 'POST', path, list, headers)).json).toEqual(json);
    // The same under the same key is not the same when it is of another kind.
    expect((await rig.call(officer, 'POST', '/v1/submissions?harm=tvec', list, headers)).status).toBe(409);
    expect((await rig.outbox()).map(({ event }) => event)).toEqual([
      expect.objectContaining({ kind: 'revision', advisory_id: ADVISORY }),
    ]);
    expect(await rig.parameters((await rig.outbox())[0]?.key ?? '')).toEqual({ harm: ['tvec'] });
  });

  describe('by two operators', () => {
    const principal = (): Principal => ({
      personId: operator.personId,
      organisationId: operator.organisationId,
      organisationKind: 'operator',
      organisationName: 'Operator',
      country: 'NO',
      roles: ['operator'],
      keyId: 'proposal',
    });
    const decide = (more: object = {}, as = principal()): Promise<{ submission_id: string }> =>
      rig.peer('console').request('POST', `/internal/advisories/${ADVISORY}/retractions`, {
        principal: as,
        json: {
          proposal_id: '0190a000-0000-7000-8000-000000000001',
          proposed_by: randomUUID(),
          confirmed_by: operator.personId,
          reason: 'The court said so.',
          retraction: { reason: 'court-or-oversight' },
          ...more,
        },
      });
    const codeOf = (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => 'no error',
        (thrown: unknown) => (thrown instanceof TocsinError ? thrown.code : thrown),
      );

    it('takes back for the agency, once for each proposal', async () => {
      const first = await decide();
      const again = await decide({ proposed_by: randomUUID() });
      expect(again).toEqual(first);
      expect((await rig.outbox()).map(({ event }) => event)).toEqual([
        expect.objectContaining({
          submission_id: first.submission_id,
          kind: 'retraction',
          agency_id: officer.organisationId,
          person_id: operator.personId,
        }),
      ]);
      expect(await rig.parameters(first.submission_id)).toEqual({ reason: 'court-or-oversight' });
    });

    it('needs two, and the console', async () => {
      expect(await codeOf(decide({ proposed_by: operator.personId }))).toBe('TOC_ACCESS_SECOND_PERSON');
      expect(await codeOf(decide({ confirmed_by: randomUUID() }))).toBe('TOC_ACCESS_SECOND_PERSON');
      expect(await codeOf(decide({}, { ...principal(), organisationKind: 'agency' }))).toBe('TOC_ACCESS_SECOND_PERSON');
      expect(await codeOf(decide({ retraction: { reason: 'because' } }))).toBe('TOC_REQUEST_PARAMETER');
      expect(await codeOf(decide({ proposal_id: 'x' }))).toBe('TOC_REQUEST_PARAMETER');
      const path = `/internal/advisories/${ADVISORY}/retractions`;
      await expect(rig.peer('normaliser').request('POST', path, { json: {} })).rejects.toThrow('answered 401');
      expect((await rig.call(operator, 'POST', path, '{}')).status).toBe(401);
      expect(await rig.leftBehind()).toMatchObject({ submissions: 0 });
    });
  });
});
