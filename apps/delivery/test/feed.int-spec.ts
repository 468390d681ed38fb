import { liveRow, rowIds, withdrawnRow, writeAtOnce } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

let exchange: Exchange;

beforeAll(async () => {
  exchange = await Exchange.open('feed');
  await exchange.channel();
  await exchange.startDelivery();
}, 60_000);

afterAll(() => exchange.close());

const positions = (channel: string) =>
  exchange.database.query<{ position: string; row_id: string; version: number; previous: string | null }[]>(
    `SELECT position, row_id, version, previous FROM feed.position WHERE channel_id = $1 ORDER BY position`,
    [channel],
  );

describe('the feed', () => {
  it('picks up a channel that is opened while it runs, gives dense positions, and drops what is outdated', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const [a = '', b = ''] = rowIds(2);
    await exchange.publish(channel, [
      liveRow(channel, a),
      liveRow(channel, b),
      liveRow(channel, a, 3),
      liveRow(channel, a, 2),
    ]);
    await exchange.fed(channel, 2, 60_000);
    await exchange.publish(channel, [liveRow(channel, a, 2), liveRow(channel, b), withdrawnRow(channel, b, 2)]);
    await exchange.fed(channel, 3);
    await exchange.publish(channel, [liveRow(channel, b, 3), withdrawnRow(channel, a, 4, 'expired')]);
    await exchange.fed(channel, 5);
    expect(
      (await positions(channel)).map(({ position, row_id, version, previous }) => [
        position,
        row_id,
        version,
        previous,
      ]),
    ).toEqual([
      ['1', b, 1, null],
      ['2', a, 3, null],
      ['3', b, 2, '1'],
      ['4', b, 3, '3'],
      ['5', a, 4, '2'],
    ]);
    expect(
      await exchange.database.query(
        `SELECT row_id, version, position, walk, live FROM feed.row WHERE channel_id = $1 ORDER BY position`,
        [channel],
      ),
    ).toEqual([
      { row_id: b, version: 3, position: '4', walk: 0, live: true },
      { row_id: a, version: 4, position: '5', walk: 0, live: false },
    ]);
    expect(
      await exchange.database.query(`SELECT row_id, version, position FROM feed.withdrawal WHERE channel_id = $1`, [
        channel,
      ]),
    ).toEqual([{ row_id: b, version: 2, position: '3' }]);
  });

  it('keeps the withdrawal of a row that lives again in the same batch, and tells whoever left since (I4)', async () => {
    const channel = await exchange.channel();
    const { receiver, subscriptionId } = await exchange.platform([channel]);
    const [a = '', b = ''] = rowIds(2);
    await writeAtOnce(exchange.database, channel, [liveRow(channel, a)]);
    await receiver.waitFor((state) => state.row(channel, a)?.state === 'live', 60_000);
    await exchange.change(subscriptionId, `state = 'left', leave_policy = 'keep-until-expiry'`);
    await receiver.waitFor((state) => state.counts().left.includes(channel), 60_000);
    const batch = [
      ...[withdrawnRow(channel, a, 2), liveRow(channel, a, 3), withdrawnRow(channel, a, 4), liveRow(channel, b)],
      ...[liveRow(channel, a, 5), withdrawnRow(channel, a, 2), liveRow(channel, a, 6)],
    ];
    expect(await writeAtOnce(exchange.database, channel, batch)).toEqual({ written: 3, outdated: 4, head: 4n });
    expect(await writeAtOnce(exchange.database, channel, batch)).toEqual({ written: 0, outdated: 7 });
    expect(await positions(channel)).toEqual([
      { position: '1', row_id: a, version: 1, previous: null },
      { position: '2', row_id: a, version: 4, previous: '1' },
      { position: '3', row_id: b, version: 1, previous: null },
      { position: '4', row_id: a, version: 6, previous: '2' },
    ]);
    expect(
      await exchange.database.query(
        `SELECT version, position FROM feed.row WHERE channel_id = $1 UNION ALL
         SELECT version, position FROM feed.withdrawal WHERE channel_id = $1 ORDER BY position`,
        [channel],
      ),
    ).toEqual([
      { version: 4, position: '2' },
      { version: 1, position: '3' },
      { version: 6, position: '4' },
    ]);
    await receiver.waitFor((state) => state.row(channel, a)?.version === 4, 60_000);
    expect(receiver.row(channel, a)?.state).toBe('withdrawn');
    expect(receiver.row(channel, b)).toBeUndefined();
  });

  it('dates positions in their order, no two alike, and keeps the date of the first version', async () => {
    const channel = await exchange.channel();
    const [a = '', b = '', c = ''] = rowIds(3);
    await writeAtOnce(exchange.database, channel, [liveRow(channel, a), liveRow(channel, b)]);
    // As if many had been given in no time: the clock is behind.
    await exchange.database.query(
      `UPDATE feed.channel SET added_at = now() + interval '1 hour' WHERE channel_id = $1`,
      [channel],
    );
    const batch = [
      withdrawnRow(channel, a, 2),
      liveRow(channel, a, 3),
      withdrawnRow(channel, b, 2),
      liveRow(channel, c),
    ];
    await writeAtOnce(exchange.database, channel, batch);
    await writeAtOnce(exchange.database, channel, batch);
    await writeAtOnce(exchange.database, channel, [liveRow(channel, c, 2)]);
    const dated = await exchange.database.query<{ position: string; since: string; is_first: boolean }[]>(
      `SELECT r.position, added_at = first_at AS is_first,
         (extract(epoch FROM r.added_at - (SELECT min(first_at) FROM feed.row WHERE channel_id = $1)) * 1e6)::bigint AS since
       FROM (SELECT channel_id, position, added_at, first_at FROM feed.row
             UNION SELECT channel_id, position, added_at, first_at FROM feed.withdrawal) r
       WHERE channel_id = $1 ORDER BY r.added_at`,
      [channel],
    );
    expect(dated.map(({ position, is_first: isFirst }) => [position, isFirst])).toEqual([
      ...[
        ['3', false],
        ['4', false],
        ['5', false],
        ['7', false],
      ],
    ]);
    const since = dated.map((one) => Number(one.since));
    expect(since[1]).toBe((since[0] ?? 0) + 1);
    expect(since[0]).toBeGreaterThan(3_000_000_000);
    const additions = await exchange.database.query<object[]>(
      `SELECT first_position, last_position FROM feed.addition WHERE channel_id = $1 ORDER BY added_at`,
      [channel],
    );
    expect(additions).toEqual([
      { first_position: '1', last_position: '2' },
      { first_position: '3', last_position: '6' },
      { first_position: '7', last_position: '7' },
    ]);
  });

  it('keeps a malformed record for a person and goes on with the others', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const ids = rowIds(30);
    const records = ids.map((id) => liveRow(channel, id));
    await exchange.publish(channel, [
      ...records.slice(0, 10),
      { key: 'no row id', value: '{}', headers: { said: 'a\\u0000b', 'and\\u0000': 'c\0d' } },
      { key: ids[0] ?? '', value: null, headers: {} },
      ...records.slice(10),
    ]);
    await exchange.fed(channel, 30, 60_000);
    await eventually(async () => {
      const letters = await exchange.database.query<{ code: string; position: string; detail: string }[]>(
        `SELECT code, position, detail, headers FROM delivery.dead_letter WHERE source = $1 ORDER BY position`,
        [`tocsin.channel.${channel}.v1`],
      );
      expect(letters).toMatchObject([
        {
          ...{ code: 'TOC_EVENT_MALFORMED', position: '0/10', detail: expect.stringContaining('key') },
          headers: { said: 'a\\u0000b', 'and\\u0000': 'cd' },
        },
        { code: 'TOC_EVENT_MALFORMED', position: '0/11', detail: expect.stringContaining('ce_id') },
      ]);
    });
  });

  it('writes exactly one audit row with every transaction that changes state (I12)', async () => {
    const unaccounted = `
      SELECT DISTINCT tx FROM (
        SELECT xmin::text AS tx FROM feed.position UNION ALL SELECT xmin::text FROM feed.row
        UNION ALL SELECT xmin::text FROM delivery.disclosure UNION ALL SELECT xmin::text FROM delivery.receipt
        UNION ALL SELECT xmin::text FROM delivery.parked UNION ALL SELECT xmin::text FROM delivery.dead_letter
      ) changed WHERE NOT EXISTS (SELECT FROM delivery.audit a WHERE a.xmin::text = changed.tx)`;
    const channel = await exchange.channel();
    const { receiver } = await exchange.platform([channel], { batchSize: 10 });
    const ids = rowIds(40);
    receiver.behave({ refuseRows: ids.slice(0, 1) });
    await exchange.publish(
      channel,
      ids.map((id) => liveRow(channel, id)),
    );
    await receiver.waitFor((state) => state.counts().live === 39, 60_000);
    await eventually(async () => {
      const [parked] = await exchange.database.query<{ parked: number }[]>(
        `SELECT count(*)::integer AS parked FROM delivery.parked`,
      );
      expect(parked?.parked).toBe(1);
    });
    expect(await exchange.database.query(unaccounted)).toEqual([]);
  });
});
