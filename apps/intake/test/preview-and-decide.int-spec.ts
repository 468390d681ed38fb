import { randomBytes, randomUUID } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { IntakeRig, type Reply, type RigPerson } from './intake-rig.js';
import { notFound, type Asked } from './normaliser-stand-in.js';

const LIST = `${'c'.repeat(64)}\n`;

describe('what is asked of the normaliser in a person’s name', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  let other: RigPerson;
  let platform: RigPerson;

  beforeAll(async () => {
    rig = await IntakeRig.start();
    await rig.channel('everyone');
    await rig.channel('gone', 'ordinary', 'closed');
    officer = await rig.person(await rig.organisation('agency', 'Agency A', ['everyone']), 'officer');
    other = await rig.person(await rig.organisation('agency', 'Agency B', ['everyone']), 'officer');
    platform = await rig.person(await rig.organisation('platform', 'Platform'), 'admin');
  });
  afterAll(() => rig.stop());
  beforeEach(() => {
    rig.normaliser.answer = ({ path }) => ({ status: 200, json: { answered: path } });
    rig.normaliser.asked.length = 0;
  });

  const lastAsked = (): Asked => {
    const asked = rig.normaliser.asked.at(-1);
    if (!asked) throw new Error('the normaliser was not asked');
    return asked;
  };

  describe('a preview', () => {
    const preview = (
      body: RequestInit['body'],
      query = '',
      headers: Record<string, string> = {},
      by = officer,
    ): Promise<Reply> => rig.call(by, 'POST', `/v1/submissions/preview${query}`, body, headers);

    it('goes on with its document, parameters and format, and nothing is kept', async () => {
      const { status, json } = await preview(gzipSync(LIST), '?channels=everyone&harm=tvec,csea&valid_for=3');
      expect([status, json]).toEqual([200, { answered: '/internal/previews' }]);
      const { query, body, principal } = lastAsked();
      expect(body.toString()).toBe(LIST);
      expect(Object.fromEntries(query)).toEqual({
        channels: 'everyone',
        harm: 'csea',
        valid_for: '3',
        format: 'value-list',
      });
      expect(query.getAll('harm')).toEqual(['tvec', 'csea']);
      expect(principal?.personId).toBe(officer.personId);
      expect(Object.values(await rig.leftBehind())).toEqual([0, 0, 0, 0, 0, 0]);
    });

    it('takes multipart, and a bulletin without a document', async () => {
      const form = new FormData();
      form.append('parameters', JSON.stringify({ bulletin: { title: 'News', what_to_do: 'Look. '.repeat(1500) } }));
      expect((await preview(form)).status).toBe(200);
      expect(Object.fromEntries(lastAsked().query)).toEqual({ bulletin: '{"title":"News"}', format: 'value-list' });
      expect(lastAsked().body).toHaveLength(0);
    });

    it.each<[string, string | Buffer, string, number, string]>([
      ['nothing', '', '', 400, 'TOC_SUBMISSION_EMPTY'],
      ['more than 8 MiB', LIST.repeat(130_000), '', 413, 'TOC_SUBMISSION_TOO_LARGE'],
      ['more than 8 MiB when unpacked', gzipSync(LIST.repeat(130_000)), '', 413, 'TOC_SUBMISSION_TOO_LARGE'],
      ['a picture', Buffer.from('89504e470d0a1a0a0000', 'hex'), '', 422, 'TOC_SUBMISSION_MEDIA'],
      ['a marking above the level', 'SECRET//NOFORN\n', '', 422, 'TOC_SUBMISSION_ABOVE_LEVEL'],
      ['a parameter above the level', LIST, '?tlp=red', 422, 'TOC_SUBMISSION_ABOVE_LEVEL'],
      ['chance bytes', Buffer.concat([Buffer.from('x'), randomBytes(500)]), '', 400, 'TOC_SUBMISSION_ENCODING'],
      ['a format that nobody knows', LIST, '?format=smoke-signals', 415, 'TOC_SUBMISSION_FORMAT'],
      ['a channel that is closed', LIST, '?channels=gone', 422, 'TOC_CHANNEL_UNKNOWN'],
      ['an unknown parameter', LIST, '?harms=tvec', 400, 'TOC_REQUEST_PARAMETER'],
    ])('is refused for %s', async (_, body, query, status, code) => {
      const reply = await preview(body, query);
      expect([reply.status, reply.json.code]).toEqual([status, code]);
      expect(rig.normaliser.asked).toEqual([]);
    });

    it('is for agencies', async () => {
      expect((await preview(LIST, '', {}, platform)).status).toBe(403);
    });
  });

  describe('the completion of a submission', () => {
    const json = { 'content-type': 'application/json' };
    let id: string;
    beforeAll(async () => {
      id = String((await rig.call(officer, 'POST', '/v1/submissions', LIST)).json.id);
    });

    it('goes on as it is', async () => {
      const patch = { harm: ['tvec'], context: null, bulletin: { title: 'News' } };
      const { status } = await rig.call(officer, 'PATCH', `/v1/submissions/${id}`, JSON.stringify(patch), json);
      expect(status).toBe(202);
      const { path, body, principal } = lastAsked();
      expect(path).toBe(`/internal/submissions/${id}/completion`);
      expect(JSON.parse(body.toString())).toEqual(patch);
      expect(principal?.personId).toBe(officer.personId);
    });

    it.each<[string, string, number, string]>([
      ['nothing', '{}', 400, 'TOC_REQUEST_PARAMETER'],
      ['no object', '[]', 400, 'TOC_REQUEST_PARAMETER'],
      ['no JSON', '{', 400, 'TOC_REQUEST_MALFORMED'],
      ['an unknown parameter', '{"harms":["tvec"]}', 400, 'TOC_REQUEST_PARAMETER'],
      ['a wrong value', '{"confidence":101}', 400, 'TOC_REQUEST_PARAMETER'],
      ['a marking in a bulletin', '{"bulletin":{"title":"TOP SECRET//SI"}}', 422, 'TOC_SUBMISSION_ABOVE_LEVEL'],
      ['a label above the level', '{"tlp":"red"}', 422, 'TOC_SUBMISSION_ABOVE_LEVEL'],
      ['an unknown channel', '{"channels":["nowhere"]}', 422, 'TOC_CHANNEL_UNKNOWN'],
    ])('is refused for %s', async (_, body, status, code) => {
      const reply = await rig.call(officer, 'PATCH', `/v1/submissions/${id}`, body, json);
      expect([reply.status, reply.json.code]).toEqual([status, code]);
      expect(rig.normaliser.asked).toEqual([]);
    });

    it('is for the agency whose submission it is', async () => {
      for (const [by, which, status] of [
        [other, id, 404],
        [officer, randomUUID(), 404],
        [platform, id, 403],
        [platform, randomUUID(), 403],
      ] as const) {
        const reply = await rig.call(by, 'PATCH', `/v1/submissions/${which}`, '{"harm":["tvec"]}', json);
        expect(reply.status).toBe(status);
      }
      expect(rig.normaliser.asked).toEqual([]);
    });

    it('says what the normaliser says against it', async () => {
      const problem = { code: 'TOC_REQUEST_CONFLICT', detail: 'only a held submission can be completed', status: 409 };
      rig.normaliser.answer = () => ({ status: 409, json: problem });
      const reply = await rig.call(officer, 'PATCH', `/v1/submissions/${id}`, '{"harm":["tvec"]}', json);
      expect([reply.status, reply.json.code, reply.json.detail]).toEqual([409, problem.code, problem.detail]);
    });
  });

  describe('a decision about a hold', () => {
    const json = { 'content-type': 'application/json' };
    const hold = randomUUID();

    it('is passed on with its reason', async () => {
      expect((await rig.call(officer, 'GET', `/v1/holds?after=${hold}`)).status).toBe(200);
      expect([lastAsked().path, lastAsked().query.get('after')]).toEqual(['/internal/holds', hold]);
      for (const what of ['release', 'refusal']) {
        const reply = await rig.call(officer, 'POST', `/v1/holds/${hold}/${what}`, '{"reason":"looked at it"}', json);
        expect(reply.status).toBe(200);
        expect(lastAsked().path).toBe(`/internal/holds/${hold}/${what}`);
        expect(JSON.parse(lastAsked().body.toString())).toEqual({ reason: 'looked at it' });
        expect(lastAsked().principal?.personId).toBe(officer.personId);
      }
    });

    it.each(['{}', '{"reason":" "}', '{"reason":1}', '{"reason":"x","more":1}', ''])(
      'asks for a reason: %s',
      async (body) => {
        const reply = await rig.call(officer, 'POST', `/v1/holds/${hold}/release`, body, json);
        expect([reply.status, reply.json.code]).toEqual([400, 'TOC_REQUEST_PARAMETER']);
        expect(rig.normaliser.asked).toEqual([]);
      },
    );

    it('is the normaliser’s to allow', async () => {
      const second = { code: 'TOC_ACCESS_SECOND_PERSON', status: 403, detail: 'somebody else has to do this' };
      rig.normaliser.answer = () => ({ status: 403, json: second });
      const reply = await rig.call(officer, 'POST', `/v1/holds/${hold}/release`, '{"reason":"x"}', json);
      expect([reply.status, reply.json.code]).toEqual([403, second.code]);
      rig.normaliser.answer = () => ({ status: 404, json: notFound() });
      expect((await rig.call(other, 'GET', '/v1/holds')).status).toBe(404);
      expect((await rig.call({ ...officer, key: 'x' }, 'GET', '/v1/holds')).status).toBe(401);
    });
  });

  describe('a decision about a dispute', () => {
    const json = { 'content-type': 'application/json' };
    const dispute = randomUUID();

    it('is passed on with its sentence', async () => {
      expect((await rig.call(officer, 'GET', `/v1/disputes?after=${dispute}`)).status).toBe(200);
      expect([lastAsked().path, lastAsked().query.get('after')]).toEqual(['/internal/disputes', dispute]);
      for (const what of ['uphold', 'dismissal']) {
        const path = `/v1/disputes/${dispute}/${what}`;
        expect((await rig.call(officer, 'POST', path, '{"sentence":"looked at it"}', json)).status).toBe(200);
        expect(lastAsked().path).toBe(`/internal/disputes/${dispute}/${what}`);
        expect(JSON.parse(lastAsked().body.toString())).toEqual({ sentence: 'looked at it' });
        expect(lastAsked().principal?.personId).toBe(officer.personId);
      }
    });

    it.each(['{}', '{"sentence":" "}', '{"sentence":1}', '{"sentence":"x","more":1}', ''])(
      'asks for a sentence: %s',
      async (body) => {
        const reply = await rig.call(officer, 'POST', `/v1/disputes/${dispute}/uphold`, body, json);
        expect([reply.status, reply.json.code]).toEqual([400, 'TOC_REQUEST_PARAMETER']);
        expect(rig.normaliser.asked).toEqual([]);
      },
    );
  });
});
