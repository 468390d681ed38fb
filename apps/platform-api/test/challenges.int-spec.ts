import { createHash, randomUUID } from 'node:crypto';
import { PlatformRig } from './platform-rig.js';

const digest = (text: string): string => createHash('sha256').update(text).digest('hex');
const GIVEN = { role: 'archive', reason: 'documentation' };

interface Handed {
  said: { signals: { type: string; value: string }[]; sentence?: string };
}

describe('the challenge desk', () => {
  let rig: PlatformRig;
  let handed: Handed[] = [];
  let addresses = 0;

  beforeAll(async () => {
    rig = await PlatformRig.start();
    rig.normaliser.answer = ({ path, body }) => {
      if (path !== '/internal/public-challenges') throw new Error('asked for something else');
      expect(Buffer.byteLength(body)).toBeLessThan(1024 * 1024);
      handed.push(...(JSON.parse(body) as { challenges: Handed[] }).challenges);
      return undefined;
    };
  }, 600_000);

  beforeEach(() => {
    handed = [];
    addresses += 1;
  });

  afterAll(() => rig.stop());

  /** As the proxy in front passes it on; what is further left anybody may have written. */
  const from = (address = `192.0.2.${addresses}`): Record<string, string> => ({
    'x-forwarded-for': `203.0.113.${Math.floor(Math.random() * 250)}, ${address}`,
  });
  const challenge = (body: object | string, address?: string): Promise<Response> =>
    fetch(new URL('/v1/challenges', rig.url), {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...from(address) },
      body: typeof body === 'string' ? body : JSON.stringify(body),
    });
  const form = (fields: Record<string, string> | string): Promise<Response> =>
    fetch(new URL('/challenge', rig.url), {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...from() },
      body: typeof fields === 'string' ? fields : new URLSearchParams(fields).toString(),
    });
  const untilHanded = async (many: number): Promise<Handed[]> => {
    for (const end = Date.now() + 15_000; handed.length < many;) {
      if (Date.now() > end) throw new Error('not handed over after 15 s');
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    return handed;
  };
  const kept = async (): Promise<number> => {
    const [row] = await rig.database.query<{ n: number }[]>(
      'SELECT count(*)::integer AS n FROM platform_api.challenge',
    );
    return row?.n ?? 0;
  };

  test('takes an address, a host or a digest without a key, hands it over, and keeps nothing of it', async () => {
    const answer = await challenge({
      ...GIVEN,
      item: digest('a film'),
      sentence: 'It shows what happened in the town.',
    });
    expect(answer.status).toBe(202);
    const body = (await answer.json()) as { reference: string; state: string; closes_on: string; says: string };
    expect(body).toMatchObject({ state: 'received' });
    await challenge({ ...GIVEN, item: 'HTTP://Archive.Example/a/../film' });
    await challenge({ ...GIVEN, item: 'archive.example' });
    const [first, second, third] = await untilHanded(3);
    expect(first?.said).toMatchObject({
      ...GIVEN,
      signals: [
        { type: 'sha256', value: digest('a film') },
        { type: 'url-sha256', value: digest('a film') },
      ],
      sentence: 'It shows what happened in the town.',
    });
    expect(second?.said.signals).toEqual([
      { type: 'url', value: 'https://archive.example/film' },
      { type: 'url-sha256', value: digest('archive.example/film') },
      { type: 'url', value: 'http://archive.example/film' },
      { type: 'url-sha256', value: digest('archive.example/film') },
    ]);
    expect(third?.said.signals).toEqual([{ type: 'domain', value: 'archive.example' }]);
    for (const end = Date.now() + 5_000; (await kept()) > 0 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await kept()).toBe(0);
    const everything = await rig.database.query<{ detail: string; subject: string }[]>(
      `SELECT detail, subject FROM platform_api.audit WHERE action = 'receive-challenge'`,
    );
    expect(everything).toHaveLength(3);
    expect(JSON.stringify(everything)).not.toMatch(/archive\.example|192\.0\.2|[0-9a-f]{64}/);
    // The reference says by itself what it says; one that was never given is none.
    const asked = await fetch(new URL(`/v1/challenges/${body.reference}`, rig.url));
    expect(await asked.json()).toEqual(body);
    for (const reference of ['x', `${body.reference}x`, body.reference.replace(/^./, 'A')]) {
      const refused = await fetch(new URL(`/v1/challenges/${reference}`, rig.url));
      expect([refused.status, ((await refused.json()) as { code: string }).code]).toEqual([
        404,
        'TOC_ACCESS_NOT_FOUND',
      ]);
    }
  });

  test('hands over whatever has piled up, in bodies that are taken', async () => {
    const value = `https://archive.example/${'a'.repeat(4_000)}`;
    const signals = Array.from({ length: 4 }, () => ({ type: 'url', value }));
    await rig.database.query(
      `INSERT INTO platform_api.challenge (id, said, received_at) SELECT id, $2, now() FROM unnest($1::uuid[]) id`,
      [Array.from({ length: 150 }, () => randomUUID()), JSON.stringify({ ...GIVEN, signals })],
    );
    expect(await untilHanded(150)).toHaveLength(150);
    for (const end = Date.now() + 5_000; (await kept()) > 0 && Date.now() < end;)
      await new Promise((resolve) => setTimeout(resolve, 50));
    expect([await kept(), handed.length]).toEqual([0, 150]);
  });

  test('answers in bytes and headers that differ by the reference alone, however the look-up ends', async () => {
    // The normaliser takes one, and fails with the other: nobody who asks can tell.
    const seen: string[] = [];
    const working = rig.normaliser.answer;
    for (const item of [digest('listed'), digest('not listed'), digest('listed')]) {
      rig.normaliser.answer = item === digest('listed') ? working : () => Promise.reject(new Error('down'));
      const answer = await challenge({ ...GIVEN, item });
      const { reference, ...body } = (await answer.json()) as { reference: string };
      const headers = [...answer.headers]
        .filter(([name]) => !['date', 'etag'].includes(name))
        .map((header) => header.join(': '));
      seen.push(JSON.stringify([answer.status, headers, body, reference.length, Object.keys(body)]));
      rig.normaliser.answer = working;
    }
    expect(new Set(seen).size).toBe(1);
    await untilHanded(3);
  });

  test.each([
    ['no object', '[]'],
    ['no item', { ...GIVEN }],
    ['a digest of a wrong length', { ...GIVEN, item: 'abc123' }],
    ['another scheme', { ...GIVEN, item: 'ftp://archive.example/a' }],
    ['an unknown role', { item: digest('a'), role: 'king', reason: 'documentation' }],
    ['an unknown reason', { item: digest('a'), role: 'owner', reason: 'because' }],
    ['a field too many', { ...GIVEN, item: digest('a'), email: 'me@archive.example' }],
    ['two lines', { ...GIVEN, item: digest('a'), sentence: 'one\ntwo' }],
    ['a long sentence', { ...GIVEN, item: digest('a'), sentence: 'a '.repeat(251) }],
  ])('refuses %s by the names of what is wrong, never its value', async (_, body) => {
    const answer = await challenge(body);
    expect(answer.status).toBe(400);
    const text = await answer.text();
    expect(JSON.parse(text)).toMatchObject({ code: 'TOC_REQUEST_PARAMETER' });
    expect(text).not.toMatch(/king|because|archive\.example|abc123/);
    expect(await kept()).toBe(0);
  });

  test('refuses a sentence that may name somebody', async () => {
    for (const sentence of [
      'Write to me@archive.example please.',
      'See https://archive.example/me',
      'My name is Anna Berg.',
    ]) {
      const answer = await challenge({ ...GIVEN, item: digest('a'), sentence });
      expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([
        422,
        'TOC_FEEDBACK_PEOPLE_DATA',
      ]);
    }
  });

  test('is a page that works without a script, and sends nothing elsewhere', async () => {
    const page = await fetch(new URL('/challenge', rig.url));
    expect(page.headers.get('content-security-policy')).toBe(
      "default-src 'none'; style-src 'self'; script-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
    );
    const html = await page.text();
    expect(html).not.toMatch(/<script>|<style|style=|onclick|https?:\/\//);
    for (const label of html.matchAll(/<label for="([a-z]+)"/g)) expect(html).toContain(`id="${label[1]}"`);
    for (const [path, type] of [
      ['desk.css', 'text/css'],
      ['digest.js', 'text/javascript'],
    ] as const) {
      const part = await fetch(new URL(`/challenge/${path}`, rig.url));
      expect([part.status, part.headers.get('content-type')]).toEqual([200, `${type}; charset=utf-8`]);
    }
    const taken = await form({ ...GIVEN, item: digest('by form'), sentence: '' });
    expect(taken.status).toBe(202);
    const reference = /<code>([\w.-]+)<\/code>/.exec(await taken.text())?.[1] ?? '';
    expect((await fetch(new URL(`/v1/challenges/${reference}`, rig.url))).status).toBe(200);
    expect((await untilHanded(1))[0]?.said.signals[0]?.value).toBe(digest('by form'));
    const refused = await form({ ...GIVEN, item: '<script>alert(1)</script>' });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([400, 'text/html; charset=utf-8']);
    const said = await refused.text();
    expect(said).toContain('item: must be an address');
    expect(said).not.toContain('alert(1)');
    expect((await form(`item=a&item=b`)).status).toBe(400);
    expect((await form(`item=${'a'.repeat(20_000)}`)).status).toBe(413);
  });

  test('takes so many from one address and in a day, whatever is challenged', async () => {
    const statuses = [];
    for (let index = 0; index < 14; index += 1)
      statuses.push((await challenge({ ...GIVEN, item: digest(`many ${index}`) }, `2001:db8:1:2::${index}`)).status);
    expect(statuses).toEqual([...Array<number>(12).fill(202), 429, 429]);
    // Another address is heard, until the day is full; then nobody is, in the same words.
    const others: string[] = [];
    for (let index = 0; index < 60; index += 1) {
      const answer = await challenge({ ...GIVEN, item: digest(`other ${index}`) }, `198.51.100.${index}`);
      if (answer.status !== 202) {
        const { instance: _instance, ...problem } = (await answer.json()) as Record<string, unknown>;
        others.push(JSON.stringify(problem));
      }
    }
    expect(others.length).toBeGreaterThan(0);
    expect(new Set(others).size).toBe(1);
    const [day] = await rig.database.query<{ received: number }[]>('SELECT received FROM platform_api.challenge_day');
    expect(day?.received).toBe(60);
  });
});
