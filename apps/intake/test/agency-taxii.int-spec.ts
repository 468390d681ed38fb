import { randomUUID } from 'node:crypto';
import { collectionId } from '#libs/stix';
import { TAXII_MEDIA_TYPE } from '#libs/taxii';
import { IntakeRig, type RigPerson } from './intake-rig.js';
import { notFound } from './normaliser-stand-in.js';

type Thing = Record<string, unknown> & { id: string };
interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown> & { objects?: Thing[]; next?: string; more?: boolean };
}

const at = (second: number): string => new Date(Date.UTC(2026, 0, 1) + second * 1000).toISOString();
function indicator(second = 0, more: Record<string, unknown> = {}): Thing {
  return {
    ...{
      type: 'indicator',
      spec_version: '2.1',
      id: `indicator--${randomUUID()}`,
      created: at(0),
      modified: at(second),
    },
    ...{ pattern: `[url:value = 'https://video.example/${randomUUID()}']`, pattern_type: 'stix', valid_from: at(0) },
    ...more,
  };
}

describe('the TAXII root of an agency', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  let other: RigPerson;
  let told: Record<string, unknown>;

  beforeAll(async () => {
    rig = await IntakeRig.start();
    await rig.channel('everyone');
    officer = await rig.person(await rig.organisation('agency', 'Agency A', ['everyone']), 'officer');
    other = await rig.person(await rig.organisation('agency', 'Agency B', ['everyone']), 'officer');
  });
  afterAll(() => rig.stop());
  beforeEach(async () => {
    await rig.database.query(
      `TRUNCATE intake.submission, intake.submission_key, intake.part, intake.upload, intake.outbox, intake.audit,
         intake.object, intake.envelope`,
    );
    await rig.database.query('UPDATE intake.collection SET revision = revision + 1');
    told = { state: 'settled', counts: { read: 0, rejected: 0, held: 0, dead_lettered: 0 }, advisories: [] };
    rig.normaliser.answer = ({ path }) =>
      path.startsWith('/internal/submissions/') ? { status: 200, json: told } : { status: 404, json: notFound() };
  });

  const rootOf = ({ organisationId }: RigPerson): string => `/taxii2/${organisationId}/`;
  const objectsOf = (person: RigPerson): string =>
    `${rootOf(person)}collections/${collectionId(`agency/${person.organisationId}`)}/objects/`;
  const ask = async (
    person: Pick<RigPerson, 'key'>,
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> => {
    const answer = await fetch(`${rig.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${person.key}`, 'content-type': TAXII_MEDIA_TYPE, ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    return { status: answer.status, headers: answer.headers, body: (await answer.json()) as Answer['body'] };
  };
  const post = (objects: unknown[], headers?: Record<string, string>): Promise<Answer> =>
    ask(officer, 'POST', objectsOf(officer), { objects }, headers);
  const list = (query = ''): Promise<Answer> => ask(officer, 'GET', `${objectsOf(officer)}${query}`);
  const idsIn = ({ body }: Answer): string[] => (body.objects ?? []).map(({ id }) => id);

  it('takes objects as a submission like any other, and gives them back as they were given', async () => {
    const one = indicator(1, { name: 'ünïcode 🛡', confidence: 80.0 });
    const raw = `{"objects":[ ${JSON.stringify(one, undefined, 2)} ,{"type":"url","id":"url--${randomUUID()}","value":"https://a.example/"}]}`;
    const { status, body } = await ask(officer, 'POST', `${objectsOf(officer)}?harm=tvec`, raw);
    expect({ status, body }).toMatchObject({
      status: 202,
      body: { status: 'pending', total_count: 2, success_count: 0, failure_count: 0, pending_count: 2 },
    });
    const id = String(body['id']);
    const [row] = await rig.database.query<Record<string, unknown>[]>(
      'SELECT kind, format, agency_id FROM intake.submission',
    );
    expect(row).toEqual({ kind: 'advisory', format: 'stix21', agency_id: officer.organisationId });
    expect(await rig.parameters(id)).toEqual({ harm: ['tvec'] });
    const bundle = JSON.parse((await rig.document(id)).toString()) as { type: string; objects: unknown[] };
    expect(bundle).toMatchObject({ type: 'bundle', objects: (JSON.parse(raw) as { objects: unknown[] }).objects });
    expect(await rig.outbox()).toHaveLength(1);
    expect(await rig.database.query('SELECT action FROM intake.audit')).toEqual([{ action: 'accept-submission' }]);
    const text = await (
      await fetch(`${rig.url}${objectsOf(officer)}`, { headers: { authorization: `Bearer ${officer.key}` } })
    ).text();
    expect(text).toContain(JSON.stringify(one, undefined, 2));
    // Nothing of it is stored as it reads.
    const [stored] = await rig.database.query<{ found: boolean }[]>(
      `SELECT bool_or(position('video.example'::bytea IN ciphertext) > 0) AS found FROM intake.object`,
    );
    expect(stored?.found).toBe(false);
  });

  it('is once what is given twice, also under an idempotency key, and refuses another under it', async () => {
    const one = indicator();
    const first = await post([one], { 'idempotency-key': 'k' });
    expect((await post([one], { 'idempotency-key': 'k' })).body['id']).toBe(first.body['id']);
    expect(await post([indicator()], { 'idempotency-key': 'k' })).toMatchObject({
      status: 409,
      body: { error_code: 'TOC_SUBMISSION_IDEMPOTENCY', http_status: '409' },
    });
    expect((await post([one, one])).status).toBe(202);
    expect(idsIn(await list('?match[version]=all'))).toEqual([one.id]);
  });

  it('gives no other agency anything, not even whether it is there', async () => {
    const one = indicator();
    const { body } = await post([one]);
    const nobody = { ...other, organisationId: randomUUID() };
    const asks = (root: RigPerson): [string, string, unknown?][] => [
      ['GET', rootOf(root)],
      ['GET', `${rootOf(root)}collections/`],
      ['GET', `${rootOf(root)}status/${String(body['id'])}/`],
      ['GET', objectsOf(root)],
      ['GET', `${objectsOf(root)}${one.id}/`],
      ['GET', `${objectsOf(root)}${one.id}/versions/`],
      ['POST', objectsOf(root), { objects: [indicator()] }],
      ['DELETE', `${objectsOf(root)}${one.id}/`],
    ];
    for (const [at, [method, path, given]] of asks(officer).entries()) {
      const theirs = await ask(other, method, path, given);
      const [, absent = ''] = asks(nobody)[at] ?? [];
      const none = await ask(other, method, absent, given);
      const { error_id: _, ...said } = theirs.body;
      const { error_id: __, ...saidOfNone } = none.body;
      expect({ method, path, status: theirs.status, said }).toEqual({ method, path, status: 404, said: saidOfNone });
    }
    // Nor by one's own root.
    expect((await ask(other, 'GET', `${rootOf(other)}status/${String(body['id'])}/`)).status).toBe(404);
    expect((await ask(other, 'GET', `${objectsOf(other)}${one.id}/`)).status).toBe(404);
    const platform = await rig.person(await rig.organisation('platform', 'Platform'), 'admin');
    expect((await ask(platform, 'GET', objectsOf(officer))).status).toBe(403);
    expect((await ask({ key: 'none' }, 'GET', objectsOf(officer))).headers.get('www-authenticate')).toContain('Basic');
    expect(idsIn(await list())).toEqual([one.id]);
  });

  it('dates objects in the order of commits, so that whoever follows misses none while others write', async () => {
    const followed: string[] = [];
    let done = false;
    let after = '';
    const step = async (): Promise<number> => {
      let read = 0;
      let next = '';
      for (;;) {
        const from = next ? `&next=${next}` : after ? `&added_after=${after}` : '';
        const page = await list(`?limit=7${from}`);
        followed.push(...idsIn(page));
        read += idsIn(page).length;
        after = page.headers.get('x-taxii-date-added-last') ?? after;
        if (!page.body.more) return read;
        next = page.body.next ?? '';
      }
    };
    const follow = async (): Promise<void> => {
      while (!done) await step();
    };
    const written: string[] = [];
    const write = async (): Promise<void> => {
      for (let n = 0; n < 12; n += 1) {
        const objects = [indicator(), indicator(), indicator()];
        written.push(...objects.map(({ id }) => id));
        expect((await post(objects)).status).toBe(202);
      }
    };
    const following = follow();
    await Promise.all([write(), write(), write(), write()]);
    done = true;
    await following;
    await step();
    expect(followed).toHaveLength(written.length);
    expect(new Set(followed)).toEqual(new Set(written));
    const manifest = await ask(officer, 'GET', objectsOf(officer).replace('/objects/', '/manifest/?limit=1000'));
    const dates = (manifest.body.objects ?? []).map(({ date_added: date }) => String(date));
    expect(dates).toEqual([...new Set(dates)].sort());
  });

  it('finds by every filter together with places and dates', async () => {
    const [a, b] = [indicator(0), indicator(0)];
    const versions = [1, 2, 3].map((second) => ({ ...a, modified: at(second) }));
    const malware = {
      type: 'malware',
      id: `malware--${randomUUID()}`,
      spec_version: '2.1',
      created: at(5),
      modified: at(5),
      name: 'm',
      is_family: false,
    };
    const old = {
      type: 'tool',
      id: `tool--${randomUUID()}`,
      created: at(6),
      modified: at(6),
      name: 't',
      labels: ['x'],
    };
    // The middle version first: first and last are told anew.
    await post([versions[1], b]);
    await post([versions[0], versions[2], malware]);
    await post([old]);
    const versionsIn = (answer: Answer): unknown[] => (answer.body.objects ?? []).map(({ modified }) => modified);
    for (const [query, expected] of [
      ['', [at(2), at(3), at(0), at(5), at(6)].slice(1).sort()],
      [`match[id]=${a.id}`, [at(3)]],
      [`match[id]=${a.id}&match[version]=first`, [at(1)]],
      [`match[id]=${a.id}&match[version]=first,last`, [at(1), at(3)]],
      [`match[id]=${a.id}&match[version]=all`, [at(1), at(2), at(3)]],
      [`match[version]=${at(2)},${at(5)}`, [at(2), at(5)]],
      ['match[type]=malware,tool', [at(5), at(6)]],
      [`match[type]=malware&match[id]=${a.id}`, []],
      ['match[spec_version]=2.0', [at(6)]],
      ['match[spec_version]=2.1&match[type]=tool', []],
    ] as const)
      expect({ query, found: versionsIn(await list(`?${query}`)).sort() }).toEqual({ query, found: expected });
    const first = await list('?limit=1&match[version]=all');
    const rest = await list(`?match[version]=all&next=${first.body.next ?? ''}`);
    expect([...idsIn(first), ...idsIn(rest)]).toHaveLength(6);
    expect((await list('?next=from-x')).status).toBe(400);
    const gone = await ask(officer, 'GET', `${objectsOf(officer)}${a.id}/versions/`);
    expect(gone.body['versions']).toEqual([at(2), at(1), at(3)]);
  });

  it('deletes an object by a retraction of what it asserted, and not before that is known', async () => {
    const one = indicator();
    const url = { type: 'url', id: `url--${randomUUID()}`, value: 'https://b.example/1' };
    const { body } = await post([one, url]);
    const path = `${objectsOf(officer)}${one.id}/`;
    told = { ...told, state: 'working' };
    expect(await ask(officer, 'DELETE', path)).toMatchObject({
      status: 409,
      body: { error_code: 'TOC_REQUEST_CONFLICT' },
    });
    expect(idsIn(await list())).toHaveLength(2);
    told = { ...told, state: 'settled' };
    expect((await ask(officer, 'DELETE', path)).status).toBe(200);
    expect((await ask(officer, 'GET', path)).status).toBe(404);
    expect((await ask(officer, 'DELETE', path)).status).toBe(404);
    expect((await ask(officer, 'DELETE', `${objectsOf(officer)}${url.id}/`)).status).toBe(200);
    const records = (await rig.outbox()).filter(({ event }) => event['kind'] === 'retraction');
    const said = await Promise.all(records.map(({ key }) => rig.parameters(key)));
    expect(said).toEqual([
      {
        reason: 'no-longer-needed',
        object: { submission: body['id'], id: one.id },
        signals: [{ type: 'url', value: /'(https[^']+)'/.exec(String(one['pattern']))?.[1] }],
      },
      { reason: 'no-longer-needed', object: { submission: body['id'] }, signals: [{ type: 'url', value: url.value }] },
    ]);
    expect(await rig.database.query('SELECT action FROM intake.audit ORDER BY id')).toEqual(
      ['accept-submission', 'accept-retraction', 'delete-object', 'accept-retraction', 'delete-object'].map(
        (action) => ({ action }),
      ),
    );
    // Once gone, it may come again.
    expect((await post([one])).status).toBe(202);
    expect(idsIn(await list())).toEqual([one.id]);
  });

  it('deletes one version alone; what is asserted goes only with the newest', async () => {
    const a = indicator(1);
    await post([a, { ...a, modified: at(2) }, { ...a, modified: at(3) }]);
    const path = `${objectsOf(officer)}${a.id}/`;
    const retracted = async (): Promise<number> =>
      (await rig.outbox()).filter(({ event }) => event['kind'] === 'retraction').length;
    expect((await ask(officer, 'DELETE', `${path}?match[version]=${at(2)}`)).status).toBe(200);
    expect(await retracted()).toBe(0);
    expect((await ask(officer, 'DELETE', `${path}?match[version]=last`)).status).toBe(200);
    expect(await retracted()).toBe(1);
    expect((await list()).body.objects).toMatchObject([{ id: a.id, modified: at(1) }]);
  });

  it('loses the objects of a submission whose bytes are destroyed, also from what was answered before', async () => {
    const [one, two] = [indicator(), indicator()];
    const { body } = await post([one]);
    await post([{ ...one, modified: at(9) }, two]);
    expect(idsIn(await list('?match[version]=all'))).toHaveLength(3);
    const id = String(body['id']);
    await rig
      .peer('normaliser')
      .request('POST', `/internal/submissions/${id}/spill`, { json: { code: 'TOC_SUBMISSION_MEDIA' } });
    expect(idsIn(await list('?match[version]=all')).sort()).toEqual([one.id, two.id].sort());
    expect(idsIn(await list('?match[version]=first'))).toHaveLength(2);
    expect(await rig.database.query('SELECT listed FROM intake.envelope WHERE submission_id = $1', [id])).toEqual([
      { listed: null },
    ]);
  });

  it('tells what became of each object as the normaliser does', async () => {
    const objects = [indicator(), indicator(), indicator(), indicator()];
    const { body } = await post(objects);
    const status = async (): Promise<Record<string, unknown>> =>
      (await ask(officer, 'GET', `${rootOf(officer)}status/${String(body['id'])}/`)).body;
    told = { state: 'working', counts: { read: 2, rejected: 1, held: 0, dead_lettered: 0 } };
    expect(await status()).toMatchObject({ status: 'pending', pending_count: 4 });
    told = {
      ...{ state: 'held', counts: { read: 4, rejected: 1, held: 1, dead_lettered: 0 } },
      rejected: [{ position: 2, code: 'TOC_ITEM_PATTERN', detail: 'it is none' }],
      holds: [{ position: 3, reason: 'protected-list', state: 'open' }],
    };
    const version = at(0);
    expect(await status()).toMatchObject({
      ...{ status: 'pending', total_count: 4, success_count: 2, failure_count: 1, pending_count: 1 },
      successes: [objects[0], objects[3]].map((object) => ({ id: object?.id, version })),
      failures: [{ id: objects[1]?.id, version, message: 'TOC_ITEM_PATTERN: it is none' }],
      pendings: [{ id: objects[2]?.id, version, message: 'held: protected-list' }],
    });
    told = { state: 'refused', counts: {}, problem: { code: 'TOC_SUBMISSION_MEDIA', detail: 'media' } };
    expect(await status()).toMatchObject({ status: 'complete', failure_count: 4, success_count: 0 });
  });

  it('refuses what is no envelope, too much of it, and what must not be kept, and keeps nothing of it', async () => {
    const many = Array.from({ length: 5001 }, () => ({}));
    const deep = `{"objects":[${'['.repeat(200)}${']'.repeat(200)}]}`;
    const above = indicator(0, { description: 'TLP:RED' });
    for (const [given, status, code] of [
      ['[1]', 422, 'TOC_SUBMISSION_MALFORMED'],
      ['', 422, 'TOC_SUBMISSION_MALFORMED'],
      ['{"objects":[{"type":}]}', 422, 'TOC_SUBMISSION_MALFORMED'],
      ['{}', 400, 'TOC_SUBMISSION_EMPTY'],
      [{ objects: many }, 413, 'TOC_SUBMISSION_TOO_LARGE'],
      [deep, 422, 'TOC_SUBMISSION_NESTING'],
      [{ objects: [above] }, 422, 'TOC_SUBMISSION_ABOVE_LEVEL'],
      [' '.repeat(4 * 1024 * 1024 + 1), 413, 'TOC_SUBMISSION_TOO_LARGE'],
    ] as const)
      expect(await ask(officer, 'POST', objectsOf(officer), given)).toMatchObject({
        status,
        body: { error_code: code },
      });
    expect((await post([{}], { 'content-type': 'application/json' })).status).toBe(415);
    const [left] = await rig.database.query<{ n: number }[]>('SELECT count(*)::int AS n FROM intake.object');
    expect(left?.n).toBe(0);
    expect((await rig.leftBehind())['submissions']).toBe(0);
  });
});
