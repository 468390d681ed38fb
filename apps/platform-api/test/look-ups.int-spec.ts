import { LOOK_UP_TYPES, lookUpDigest, type LookUpType } from '#libs/domain';
import { MIGRATIONS } from '#libs/persistence';
import { liveRow, rowIds, withdrawnRow } from '#libs/testing';
import { BLOCK_BYTES } from '../src/answer-look-ups/pad-answer.js';
import { PlatformRig, type RigPlatform } from './platform-rig.js';

interface Entry {
  suffix: string;
  row_id: string;
  version: number;
  ceiling: string;
  [field: string]: unknown;
}

interface Answer {
  status: number;
  headers: Headers;
  bytes: number;
  body: { entries: Entry[]; expires: string; complete: boolean; content_withheld?: string; code?: string } & Record<
    string,
    unknown
  >;
}

describe('looking up', () => {
  let rig: PlatformRig;

  beforeAll(async () => {
    rig = await PlatformRig.start();
  }, 600_000);

  afterAll(() => rig.stop());

  const member = (channels: readonly string[], filter = {}, country = 'NL'): Promise<RigPlatform> =>
    rig.platform(channels, filter, country, 'look-up');

  async function ask(platform: RigPlatform, channel: string, prefix: string, headers = {}): Promise<Answer> {
    const answer = await rig.fetch(platform, `/v1/channels/${channel}/look-up/${prefix}`, {}, headers);
    const text = await answer.text();
    const body = (text === '' ? {} : JSON.parse(text)) as Answer['body'];
    return { status: answer.status, headers: answer.headers, bytes: Buffer.byteLength(text), body };
  }
  async function find(platform: RigPlatform, channel: string, type: LookUpType, value: string): Promise<Entry[]> {
    const digest = lookUpDigest(type, value);
    const { body } = await ask(platform, channel, digest.slice(0, 3));
    return body.entries.filter(({ suffix }) => suffix === digest.slice(3));
  }
  const withdrawn = (platform: RigPlatform, channel: string, query: Record<string, string> = {}) =>
    rig.lines(platform, `/v1/channels/${channel}/look-up/withdrawals`, query);
  const written = async (): Promise<unknown> => {
    const tables = await rig.database.query<{ name: string }[]>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
        WHERE schemaname IN ('platform_api', 'directory', 'feed', 'delivery') ORDER BY 1`,
    );
    const digests = tables.map(({ name }) => `(SELECT md5(string_agg(t::text, ' ' ORDER BY t::text)) FROM ${name} t)`);
    return rig.database.query(`SELECT ${digests.join(', ')}`);
  };

  test('finds what is there by the beginning of its digest, and says all but the value', async () => {
    const channel = await rig.channel();
    const platform = await member([channel]);
    const rows = rowIds(LOOK_UP_TYPES.length);
    const values = LOOK_UP_TYPES.map((type, at) =>
      type === 'url'
        ? 'https://host.example/a?b=c'
        : type === 'domain'
          ? 'bad.example'
          : `${at}e`.repeat(64).slice(0, { md5: 32, sha1: 40, sha256: 64, sha512: 128, 'url-sha256': 64 }[type]),
    );
    await rig.write(
      channel,
      LOOK_UP_TYPES.map((type, at) => liveRow(channel, rows[at] ?? '', 1, { type, value: values[at] ?? '' })),
    );
    for (const [at, type] of LOOK_UP_TYPES.entries()) {
      const [entry, ...others] = await find(platform, channel, type, values[at] ?? '');
      expect(others).toEqual([]);
      expect(entry).toMatchObject({
        row_id: rows[at],
        type,
        version: 1,
        generation: 1,
        ceiling: 'limit',
        tlp: 'green',
      });
      expect(entry).toMatchObject({
        assertions: [{ context: 'entity-produced', nature: 'information', country: 'NL' }],
      });
      if (type !== 'url-sha256') expect(JSON.stringify(entry)).not.toContain(values[at]);
    }
    // Either scheme, and any port, is the same address.
    expect(await find(platform, channel, 'url', 'http://host.example:8080/a?b=c')).toHaveLength(1);
    expect(await find(platform, channel, 'url', 'https://host.example/a')).toEqual([]);
  });

  test('says how a channel is asked, and refuses anything else', async () => {
    const channel = await rig.channel();
    const platform = await member([channel]);
    const terms = (await (await rig.fetch(platform, `/v1/channels/${channel}/look-up`)).json()) as object;
    expect(terms).toEqual({
      ...{ channel, prefix_length: 3, types: LOOK_UP_TYPES, answers_live_s: 86_400 },
      quota: { at_once: 512, a_day: 4096 },
    });
    for (const wrong of ['ab', 'abcd', 'ABC', 'xyz', '%20ab', '0'.repeat(64), '-12', '1e2.']) {
      const { status, body } = await ask(platform, channel, wrong);
      expect([wrong, status, body.code]).toEqual([wrong, 400, 'TOC_LOOK_UP_PREFIX']);
      expect(body).toMatchObject({ prefix_length: 3 });
    }
  });

  test('has answers of one size, which last a day and are known by a tag', async () => {
    const channel = await rig.channel();
    const platform = await member([channel]);
    const [row = ''] = rowIds(1);
    const digest = lookUpDigest('domain', 'bad.example');
    const empty = await ask(platform, channel, digest.slice(0, 3));
    await rig.write(channel, [liveRow(channel, row, 1, { type: 'domain', value: 'bad.example' })]);
    const full = await ask(platform, channel, digest.slice(0, 3));
    expect([empty.body.entries.length, full.body.entries.length]).toEqual([0, 1]);
    expect([empty.bytes, full.bytes]).toEqual([BLOCK_BYTES, BLOCK_BYTES]);
    expect(full.headers.get('content-encoding')).toBeNull();
    expect(full.headers.get('cache-control')).toBe('private, no-transform, max-age=86400');
    const lives = Date.parse(full.body.expires) - Date.now();
    expect(lives).toBeGreaterThan(86_300_000);
    expect(lives).toBeLessThanOrEqual(86_400_000);
    const tag = full.headers.get('etag') ?? '';
    expect(empty.headers.get('etag')).not.toBe(tag);
    const known = await ask(platform, channel, digest.slice(0, 3), { 'if-none-match': tag });
    expect([known.status, known.bytes, known.headers.get('expires')]).toEqual([304, 0, expect.any(String)]);
    expect((await ask(platform, channel, digest.slice(0, 3), { 'if-none-match': 'W/"x"' })).status).toBe(200);
  });

  test('keeps nothing of what was asked, not even that it was', async () => {
    const channel = await rig.channel();
    const platform = await member([channel]);
    await ask(platform, channel, '000');
    const before = await written();
    const from = rig.logged.length;
    const asked = ['abc', 'fed', '123', 'zzz', 'abcdef'];
    for (const prefix of asked) await ask(platform, channel, prefix);
    expect(await written()).toEqual(before);
    const logged = rig.logged.slice(from);
    expect(logged.filter((line) => line.includes('/look-up/:prefix'))).toHaveLength(asked.length);
    for (const prefix of asked)
      for (const trace of [`/${prefix}`, `"${prefix}"`, ` ${prefix}`])
        expect(logged.filter((line) => line.includes(trace))).toEqual([]);
    expect(await rig.metrics()).not.toMatch(/abc|fed\b|zzz/);
    // What is kept is that the platform looks up here at all, and until when.
    const users = await rig.database.query<object[]>(
      'SELECT channel_id, from_position, until > now() AS current FROM platform_api.look_up_user WHERE subscription_id = $1',
      [platform.subscriptionId],
    );
    expect(users).toEqual([{ channel_id: channel, from_position: '0', current: true }]);
  });

  test('gives only what passes and may go', async () => {
    const channel = await rig.channel();
    const agency = '018f0000-0000-7000-8000-0000000000ab';
    const [passing = '', other = '', stopped = '', old = ''] = rowIds(4);
    await rig.write(channel, [
      liveRow(channel, passing, 1, { value: 'https://a.example/', ceiling: 'block' }),
      liveRow(channel, other, 1, { value: 'https://b.example/', ceiling: 'log' }),
      liveRow(channel, stopped, 1, { value: 'https://c.example/', ceiling: 'block', agencyId: agency }),
      { ...liveRow(channel, old, 1, { value: 'https://d.example/', ceiling: 'block' }) },
    ]);
    await rig.database.query(
      `UPDATE feed.row SET record = replace(record, '2099-01-01', '2020-01-01') WHERE row_id = $1`,
      [old],
    );
    const platform = await member([channel], { ceilings: ['block'] });
    const lift = await rig.stopAgency(agency);
    const found = async (): Promise<number[]> =>
      Promise.all(
        ['a', 'b', 'c', 'd'].map(
          async (host) => (await find(platform, channel, 'url', `https://${host}.example/`)).length,
        ),
      );
    expect(await found()).toEqual([1, 0, 0, 0]);
    await lift();
    expect(await found()).toEqual([1, 0, 1, 0]);
    await rig.write(channel, [withdrawnRow(channel, passing, 2)]);
    expect(await found()).toEqual([0, 0, 1, 0]);
    await rig.change(platform, `state = 'paused'`);
    const paused = await ask(platform, channel, '000');
    expect(paused.body).toMatchObject({ entries: [], content_withheld: 'subscription-paused' });
    await rig.database.query(`UPDATE directory.organisation SET state = 'suspended' WHERE id = $1`, [platform.id]);
    expect((await ask(platform, channel, '000')).body.content_withheld).toBe('platform-not-active');
  });

  test('gives every withdrawal to everybody who could have found the row, also after they left', async () => {
    const channel = await rig.channel();
    const platform = await member([channel]);
    const [before = '', a = '', b = '', again = '', later = ''] = rowIds(5);
    await rig.write(channel, [liveRow(channel, before), liveRow(channel, a), liveRow(channel, b)]);
    await rig.write(channel, [liveRow(channel, again), withdrawnRow(channel, before, 2)]);
    expect((await withdrawn(platform, channel)).problem.code).toBe('TOC_ACCESS_NOT_FOUND');
    await ask(platform, channel, '000');
    await rig.write(channel, [withdrawnRow(channel, a, 2), withdrawnRow(channel, again, 2, 'narrowed')]);
    const first = await withdrawn(platform, channel);
    expect(first.records.map(({ type, row_id: row, version, reason }) => [type, row, version, reason])).toEqual([
      ['withdrawal', a, 2, 'retracted'],
      ['withdrawal', again, 2, 'narrowed'],
    ]);
    const one = await withdrawn(platform, channel, { limit: '1' });
    expect([one.records.map(({ row_id: row }) => row), one.end.more]).toEqual([[a], true]);
    const two = await withdrawn(platform, channel, { limit: '5', since: one.end.cursor });
    expect([two.records.map(({ row_id: row }) => row), two.end.more]).toEqual([[again], false]);

    // Departed, and the hour is over for which it was noted: what came later it cannot have found.
    await rig.change(platform, `state = 'left', leave_policy = 'delete-all'`);
    await rig.database.query(`UPDATE directory.organisation SET state = 'left' WHERE id = $1`, [platform.id]);
    await rig.database.query('UPDATE platform_api.look_up_user SET until = now() WHERE subscription_id = $1', [
      platform.subscriptionId,
    ]);
    await rig.write(channel, [liveRow(channel, later)]);
    await rig.write(channel, [withdrawnRow(channel, later, 2), withdrawnRow(channel, b, 2)]);
    expect((await ask(platform, channel, '000')).status).toBe(404);
    const after = await withdrawn(platform, channel, { since: first.end.cursor });
    expect(after.records.map(({ row_id: row }) => row)).toEqual([b]);
    expect((await withdrawn(platform, channel, { since: after.end.cursor })).records).toEqual([]);
  });

  test('tells nobody of a channel that is not theirs, and takes nobody else’s cursor', async () => {
    const channel = await rig.channel({ countries: ['NZ'] });
    const [outsider, insider] = [await member([channel]), await member([channel], {}, 'NZ')];
    const fetcher = await rig.platform([channel], {}, 'NZ');
    await ask(insider, channel, '000');
    const { end } = await withdrawn(insider, channel);
    const refusals = await Promise.all([
      ...[ask(outsider, channel, '000'), ask(outsider, 'no-such-channel', '000')],
      ...[ask(fetcher, channel, '000'), ask(outsider, channel, 'malformed'), ask(insider, 'no-such-channel', 'x')],
    ]);
    expect(refusals.map(({ status, body }) => [status, body.code])).toEqual(
      refusals.map(() => [404, 'TOC_ACCESS_NOT_FOUND']),
    );
    for (const path of ['look-up', 'look-up/withdrawals']) {
      const [theirs, none] = await Promise.all(
        [channel, 'no-such-channel'].map((id) => rig.fetch(outsider, `/v1/channels/${id}/${path}`)),
      );
      expect([theirs?.status, none?.status]).toEqual([404, 404]);
    }
    for (const since of [end.cursor, 'x', `${end.cursor}x`]) {
      expect((await withdrawn(outsider, channel, { since })).problem.code).toBe('TOC_REQUEST_CURSOR');
      if (since !== end.cursor)
        expect((await withdrawn(insider, channel, { since })).problem.code).toBe('TOC_REQUEST_CURSOR');
    }
    // Nor does a subscription that looks up open the feed.
    expect((await rig.changes(insider, channel)).problem.code).toBe('TOC_ACCESS_NOT_FOUND');
    expect((await ask({ ...insider, key: 'nobody' }, channel, '000')).status).toBe(401);
  });

  test('lets nobody walk through all prefixes, and others ask meanwhile', async () => {
    const channel = await rig.channel();
    const [walker, other] = [await member([channel]), await member([channel])];
    const statuses: number[] = [];
    let refused: Answer | undefined;
    for (let at = 0; at < 700 && !refused; at += 1) {
      const answer = await ask(walker, channel, at.toString(16).padStart(3, '0'));
      statuses.push(answer.status);
      if (answer.status !== 200) refused = answer;
    }
    expect(statuses.filter((status) => status === 200).length).toBeGreaterThanOrEqual(512);
    expect(refused?.status).toBe(429);
    expect(refused?.body).toMatchObject({ code: 'TOC_LOOK_UP_QUOTA', retryable: true });
    const retryAfter = Number(refused?.headers.get('retry-after'));
    expect(retryAfter).toBeGreaterThan(0);
    expect(retryAfter).toBeLessThanOrEqual(22);
    expect((await ask(other, channel, '000')).status).toBe(200);
  });

  test('answers are taken about what could be found, and about nothing else', async () => {
    const channel = await rig.channel();
    const [over = '', there = '', later = ''] = rowIds(3);
    const signal = (value: string) => ({ type: 'domain' as const, value });
    await rig.write(channel, [liveRow(channel, over, 1, signal('over.example'))]);
    await rig.write(channel, [withdrawnRow(channel, over, 2)]);
    await rig.write(channel, [liveRow(channel, there, 1, signal('there.example'))]);
    const platform = await member([channel]);
    const about = (row_id: string) => ({ kind: 'opinion', channel, row_id, opinion: 'disagree' });
    const answer = async (items: object[]): Promise<unknown[]> => {
      const { body } = await rig.post(platform, '/v1/feedback', items);
      return (body.items as { state: string; code?: string }[]).map(({ state, code }) => code ?? state);
    };
    const unknown = 'TOC_FEEDBACK_NOT_DISCLOSED';
    expect(await answer([about(there)])).toEqual([unknown]);
    await ask(platform, channel, '000');
    await rig.database.query(`UPDATE platform_api.look_up_user SET until = now() WHERE channel_id = $1`, [channel]);
    await rig.write(channel, [liveRow(channel, later, 1, signal('later.example'))]);
    expect(await answer([about(over), about(there), about(later)])).toEqual([unknown, 'accepted', unknown]);
    await rig.write(channel, [withdrawnRow(channel, there, 2)]);
    const confirmation = { kind: 'confirmation', channel, row_id: there, version: 2, outcome: 'restored' };
    expect(await answer([confirmation])).toEqual(['accepted']);
  });

  test('rows that are there when keys are introduced get the same ones', async () => {
    const channel = await rig.channel();
    const values: [string, string][] = [
      ['md5', 'ab'.repeat(16)],
      ['sha512', 'cd'.repeat(64)],
      ['url-sha256', 'ef'.repeat(32)],
      ['domain', 'before.example'],
      ['url', 'https://before.example/a?b="c\\d"'],
      ['url', 'http://before.example:8080/x'],
      ['url', 'https://[2001:db8::1]:8443/y'],
      ['phrase', '"signal":{"type":"domain","value":"a.example"}'],
    ];
    const rows = rowIds(values.length);
    await rig.write(channel, [
      ...values.map(([type, value], at) => liveRow(channel, rows[at] ?? '', 1, { type: type as never, value })),
      liveRow(channel, rowIds(1)[0] ?? '', 1, { bulletin: 'What to look for' }),
    ]);
    const keys = (): Promise<{ look_up: number | null }[]> =>
      rig.database.query('SELECT row_id, look_up FROM feed.row WHERE channel_id = $1 ORDER BY row_id', [channel]);
    const written = await keys();
    expect(written.filter(({ look_up: key }) => key !== null)).toHaveLength(7);
    const [introduced] = MIGRATIONS.filter(({ name }) => name.startsWith('LookUps')).map(
      (Migration) => new Migration(),
    );
    expect(introduced).toBeDefined();
    const runner = rig.database.createQueryRunner();
    try {
      await introduced?.down(runner);
      await introduced?.up(runner);
    } finally {
      await runner.release();
    }
    expect(await keys()).toEqual(written);
  });
});
