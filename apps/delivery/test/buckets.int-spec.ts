import { liveRow, rowIds, startObjectStore, withdrawnRow } from '#libs/testing';
import { resumeEndpoint } from '../src/report-status/resume-endpoint.js';
import { Exchange, eventually } from './exchange.js';
import { FileSubscribers } from './file-subscriber.js';

const store = await startObjectStore();

if (store) {
  describe('a platform with a bucket', () => {
    const { url: endpoint, region, keys } = store;
    let exchange: Exchange;
    let subscribers: FileSubscribers;

    beforeAll(async () => {
      exchange = await Exchange.open('buckets');
      subscribers = await FileSubscribers.open(exchange);
      // There are no folders at this exchange.
      await exchange.startDelivery();
    }, 60_000);
    afterAll(async () => {
      await exchange.close();
      await store.close();
    });

    const names = async (bucket: string): Promise<string[]> =>
      (await store.read(bucket)).map(({ key }) =>
        key.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'B').replace(/full-[0-9-]{10}-[0-9a-f]{12}/, 'F'),
      );

    it('finds increments, a full file and withdrawals in it', async () => {
      const bucket = 'with-everything';
      await store.makeBucket(bucket);
      const channel = await exchange.channel({ partitions: 1 });
      const settings = { endpoint, region, bucket, prefix: 'in/' };
      await subscribers.subscribe([channel], { settings, secrets: { ...keys } });
      const [row = ''] = rowIds(1);
      await exchange.publish(channel, [liveRow(channel, row)]);
      const at = (...found: string[]): string[] => found.map((name) => `in/${channel}/${name}`).sort();
      const increment = (kind: string): string[] =>
        ['json', 'json.sig', 'ndjson'].map((ending) => `${kind}-B.${ending}`);
      const full = ['F-0001.ndjson', 'F.json', 'F.json.sig'];
      await eventually(
        async () => expect((await names(bucket)).sort()).toEqual(at(...increment('content'), ...full)),
        90_000,
      );
      await exchange.publish(channel, [withdrawnRow(channel, row, 2)]);
      await eventually(async () =>
        expect((await names(bucket)).sort()).toEqual(at(...increment('content'), ...full, ...increment('withdrawals'))),
      );
    }, 180_000);

    it('is paused and told when its bucket is gone, and gets what was withdrawn once it is there again', async () => {
      const bucket = 'soon-gone';
      await store.makeBucket(bucket);
      const channel = await exchange.channel({ partitions: 1 });
      const settings = { endpoint, region, bucket, prefix: '' };
      const { subscriptionId } = await subscribers.subscribe([channel], { settings, secrets: { ...keys } });
      const [row = '', next = ''] = rowIds(2);
      await exchange.publish(channel, [liveRow(channel, row)]);
      await eventually(
        async () => expect((await names(bucket)).some((name) => name.endsWith('F.json'))).toBe(true),
        90_000,
      );
      await store.dropBucket(bucket);
      await exchange.publish(channel, [liveRow(channel, next)]);
      await eventually(async () =>
        expect(
          await exchange.database.query(
            `SELECT paused_because FROM delivery.endpoint WHERE subscription_id = $1 AND paused_at IS NOT NULL`,
            [subscriptionId],
          ),
        ).toEqual([{ paused_because: 'The receiver has gone for good: The server has no such bucket.' }]),
      );
      expect(
        await exchange.database.query('SELECT FROM delivery.notice WHERE subscription_id = $1', [subscriptionId]),
      ).toHaveLength(1);
      await store.makeBucket(bucket);
      await exchange.publish(channel, [withdrawnRow(channel, row, 2)]);
      await resumeEndpoint(exchange.database, subscriptionId, 'ada');
      await eventually(async () =>
        expect(await names(bucket)).toEqual(
          expect.arrayContaining([`${channel}/withdrawals-B.json`, `${channel}/content-B.json`]),
        ),
      );
    }, 240_000);
  });
} else {
  it.skip('a platform with a bucket: no server that speaks S3 is here', () => undefined);
}
