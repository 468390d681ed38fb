import { liveRow, rowIds, startMailReceiver, withdrawnRow, type MailReceiver } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';
import { FileSubscribers, type FileSubscriber } from './file-subscriber.js';

let exchange: Exchange;
let subscribers: FileSubscribers;
let mails: MailReceiver;

beforeAll(async () => {
  exchange = await Exchange.open('file-mails');
  subscribers = await FileSubscribers.open(exchange);
  mails = await startMailReceiver();
  await exchange.startDelivery({
    ...{ TOCSIN_FILES_DIR: subscribers.root, TOCSIN_SMTP_URL: mails.url, TOCSIN_MAIL_FROM: 'exchange@tocsin.example' },
  });
}, 60_000);
afterAll(async () => {
  await exchange.close();
  await mails.close();
});

async function subscribe(channel: string, mail: string): Promise<FileSubscriber & { address: string }> {
  const subscriber = await subscribers.subscribe([channel], { settings: { mail } });
  const address = `files-${subscriber.platformId}@forum.example`;
  await exchange.database.query('UPDATE directory.organisation SET notices_to = $2 WHERE id = $1', [
    subscriber.platformId,
    address,
  ]);
  return Object.assign(subscriber, { address });
}
const arrivedAt = (address: string): string[] =>
  mails.mails.filter(({ to }) => to.includes(address)).map(({ source }) => source.replaceAll('=\r\n', ''));
const lines = (source = ''): string[] =>
  source.split('\r\n').filter((line) => /^(Subject|New or|Withdrawn|Priority)/.test(line));
const until = (subscriber: FileSubscriber, channel: string, records: number): Promise<void> =>
  eventually(async () => {
    const files = (await subscriber.files(channel)).filter(({ manifest }) => manifest.holds !== 'full');
    expect(files.reduce((sum, file) => sum + file.records.length, 0)).toBe(records);
  });

describe('a mail about files', () => {
  it('comes once for an interval with everything since, says how much and how urgent, and never what', async () => {
    const channel = await exchange.channel({ priority: 'emergency', partitions: 1 });
    const subscriber = await subscribe(channel, 'hourly');
    const silent = await subscribe(channel, 'none');
    // The server is away at first: the files are there all the same.
    mails.refuse.set('*', '451 later');
    const [a = '', b = '', c = ''] = rowIds(3);
    await exchange.publish(channel, [liveRow(channel, a, 1, { harms: ['csea/grooming'] }), liveRow(channel, b)]);
    await until(subscriber, channel, 2);
    await exchange.publish(channel, [withdrawnRow(channel, a, 2)]);
    await until(subscriber, channel, 3);
    await eventually(async () =>
      expect(
        await exchange.database.query(
          `SELECT FROM delivery.file_mail WHERE subscription_id = $1 AND next_try_at > now()`,
          [subscriber.subscriptionId],
        ),
      ).toHaveLength(1),
    );
    expect(mails.mails).toEqual([]);
    mails.refuse.clear();
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await exchange.database.query('UPDATE delivery.file_mail SET next_try_at = now()');
    await eventually(() => expect(arrivedAt(subscriber.address)).toHaveLength(1));
    const [first = ''] = arrivedAt(subscriber.address);
    expect(lines(first)).toEqual([
      ...['Subject: Urgent: new files are there', 'New or changed: 2', 'Withdrawn: 1', 'Priority: emergency'],
    ]);
    const by = Date.parse(/by (\S+Z)/.exec(first)?.[1] ?? '');
    expect(Math.abs(by - Date.now() - 4 * 3_600_000)).toBeLessThan(300_000);
    for (const told of [channel, a, b, 'host.example', 'tvec', 'csea', 'grooming', 'Agency', subscriber.folder])
      expect(first.replaceAll(subscriber.address, '')).not.toContain(told);

    // What comes within the hour is told with the next mail, together.
    await exchange.publish(channel, [liveRow(channel, c)]);
    await exchange.publish(channel, [liveRow(channel, c, 2)]);
    await eventually(async () =>
      expect(
        (await subscriber.files(channel)).flatMap(({ records }) => records).map(({ version }) => version),
      ).toContain(2),
    );
    await new Promise((resolve) => setTimeout(resolve, 16_000));
    expect(arrivedAt(subscriber.address)).toHaveLength(1);
    await exchange.database.query('UPDATE delivery.file_mail SET next_try_at = now()');
    await eventually(() => expect(arrivedAt(subscriber.address)).toHaveLength(2), 90_000);
    expect(lines(arrivedAt(subscriber.address)[1])).toContain('Withdrawn: 0');
    expect(arrivedAt(silent.address)).toEqual([]);
  }, 240_000);

  it('is not tried for ever at an address that is refused, and holds nothing up', async () => {
    const channel = await exchange.channel({ partitions: 1 });
    const subscriber = await subscribe(channel, 'daily');
    mails.refuse.set(subscriber.address, '550 nobody here');
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    await until(subscriber, channel, 1);
    await eventually(async () =>
      expect(
        await exchange.database.query(
          `SELECT FROM delivery.file_mail WHERE subscription_id = $1 AND next_try_at > now() + interval '23 hours'`,
          [subscriber.subscriptionId],
        ),
      ).toHaveLength(1),
    );
    expect(arrivedAt(subscriber.address)).toEqual([]);
    await exchange.publish(channel, [liveRow(channel, rowIds(1)[0] ?? '')]);
    await until(subscriber, channel, 2);
  }, 120_000);
});
