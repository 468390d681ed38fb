import { ApiClient } from '../../tools/local-exchange/api-client.js';
import { digestOf, ExchangeUnderTest, HARBOUR, type HeldRow } from '../exchange-under-test.js';

interface Answered {
  items: { state: string; id?: string; code?: string }[];
}
type Disputed = HeldRow['record'] & { ceiling?: string };

describe('what platforms answer', () => {
  let under: ExchangeUnderTest;
  beforeAll(async () => void (under = await ExchangeUnderTest.start('feedback')));
  afterAll(() => under.stop());

  const platform = (name: string): ApiClient =>
    new ApiClient(under.exchange.url('platform-api'), under.exchange.key(name, 'admin'));

  test('a dispute of one lowers the row at all, somebody else decides, and the one reads why', async () => {
    const value = digestOf('a film of an archive');
    await under.told(await under.submit(`${value}\n`, { ceiling: 'block' }));
    const held = async (name: string): Promise<Disputed | undefined> =>
      (await under.table(name)).find(({ record }) => record.signal?.value === value)?.record;
    // By webhook, and by Kafka.
    const everywhere = async (ceiling: string): Promise<boolean> =>
      (await Promise.all([held('Framehub'), held('Streamvale')])).every((record) => record?.ceiling === ceiling);
    await under.until(() => everywhere('block'), 'the row at both platforms');
    const { channel, row_id } = (await held('Framehub')) as Disputed;
    const { items } = await platform('Framehub').call<Answered>('POST', '/v1/feedback', [
      { kind: 'dispute', channel, row_id, reason: 'documentation' },
      { kind: 'opinion', channel, row_id, opinion: 'disagree', reason: 'documentation' },
      { kind: 'opinion', channel: 'france', row_id, opinion: 'disagree' },
    ]);
    expect(items.map(({ state, code }) => code ?? state)).toEqual([
      ...['accepted', 'accepted', 'TOC_FEEDBACK_NOT_DISCLOSED'],
    ]);
    await under.until(() => everywhere('review'), 'the lowered ceiling at both platforms');

    const operator = under.operator();
    const { disputes } = await operator.call<{ disputes: { id: string; row_id: string }[] }>('GET', '/v1/disputes');
    expect(disputes).toEqual([expect.objectContaining({ row_id, reason: 'documentation' })]);
    const path = `/v1/disputes/${disputes[0]?.id}/dismissal`;
    const sentence = { sentence: 'The film was made to recruit, and the archive has agreed.' };
    await expect(under.officer(HARBOUR, 'approver').call('POST', path, sentence)).rejects.toMatchObject({
      problem: { code: 'TOC_ACCESS_SECOND_PERSON' },
    });
    expect(await platform('Framehub').call('GET', `/v1/feedback/${items[0]?.id}`)).toMatchObject({
      dispute: { state: 'open' },
    });
    await operator.call('POST', path, sentence);
    await under.until(() => everywhere('block'), 'the ceiling back at both platforms');
    expect(await platform('Framehub').call('GET', `/v1/feedback/${items[0]?.id}`)).toMatchObject({
      dispute: { state: 'dismissed', ...sentence },
    });
    // Each platform that was told of it is counted once, whatever its path.
    const reach = await operator.call('GET', `/v1/rows/${row_id}/reach?channel=${channel}`);
    expect(reach).toMatchObject({ live: true, version: 3, told: 4, confirmed: 0 });
    await expect(platform('Streamvale').call('GET', `/v1/feedback/${items[0]?.id}`)).rejects.toMatchObject({
      status: 404,
    });
  });

  test('a challenge without a key reads the same listed or not, and lowers a row once somebody else has looked', async () => {
    const value = digestOf('a record of a court');
    const story = await under.told(await under.submit(`${value}\n`, { ceiling: 'block' }));
    expect(story).toBeDefined();
    const held = async (): Promise<Disputed | undefined> =>
      (await under.table('Framehub')).find(({ record }) => record.signal?.value === value)?.record;
    await under.until(async () => (await held())?.ceiling === 'block', 'the row at a platform');
    const challenge = async (item: string): Promise<unknown[]> => {
      const answer = await fetch(new URL('/v1/challenges', under.exchange.url('platform-api')), {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ item, role: 'newsroom', reason: 'news-or-public-interest' }),
      });
      const { reference, ...body } = (await answer.json()) as { reference: string };
      const headers = [...answer.headers].filter(([name]) => !['date', 'etag'].includes(name));
      return [answer.status, headers, body, reference.length];
    };
    expect(await challenge(value)).toEqual(await challenge(digestOf('never listed')));
    const operator = under.operator();
    const open = async () =>
      (await operator.call<{ challenges: { id: string; row_id: string }[] }>('GET', '/v1/challenges')).challenges;
    await under.until(async () => (await open()).length > 0, 'the challenge with the reviewers');
    const { row_id, channel, assertions } = (await held()) as Disputed & { assertions: { advisory_id: string }[] };
    expect(await open()).toEqual([expect.objectContaining({ row_id, role: 'newsroom' })]);
    expect((await held())?.ceiling).toBe('block');
    await operator.call('POST', `/v1/challenges/${(await open())[0]?.id}/uphold`, { sentence: 'A paper printed it.' });
    await under.until(async () => (await held())?.ceiling === 'review', 'the lowered ceiling at a platform');

    // A platform lets the agency of the advisory see by name what it answers.
    const advisory = assertions[0]?.advisory_id ?? '';
    await platform('Framehub').call('PUT', `/v1/named-answers/${advisory}`);
    await platform('Framehub').call('POST', '/v1/feedback', [{ kind: 'opinion', channel, row_id, opinion: 'agree' }]);
    await platform('Streamvale').call('POST', '/v1/feedback', [{ kind: 'opinion', channel, row_id, opinion: 'agree' }]);
    const outcomes = () =>
      under.officer(HARBOUR).call<{ named: object[]; periods: object[] }>('GET', `/v1/advisories/${advisory}/outcomes`);
    await under.until(async () => (await outcomes()).named.length > 0, 'what is shown by name');
    expect(await outcomes()).toMatchObject({
      named: [{ name: 'Framehub', cell: 'opinion-agree', rows: 1 }],
      periods: [],
    });
  });
});
