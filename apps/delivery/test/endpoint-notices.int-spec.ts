import type { RunningService } from '#libs/runtime';
import { InternalSigner } from '#libs/access';
import { liveRow, rowIds, startMailReceiver, type MailReceiver } from '#libs/testing';
import { Exchange, eventually } from './exchange.js';

describe('notices about endpoints', () => {
  let exchange: Exchange;
  let mails: MailReceiver;
  let service: RunningService;

  beforeAll(async () => {
    exchange = await Exchange.open('notices');
    mails = await startMailReceiver();
    service = await exchange.startDelivery({
      TOCSIN_SMTP_URL: mails.url,
      TOCSIN_MAIL_FROM: 'exchange@tocsin.example',
      TOCSIN_OPERATOR_MAIL: 'desk@exchange.example',
    });
  }, 60_000);

  afterAll(async () => {
    await exchange.close();
    await mails.close();
  });

  const resume = async (subscriptionId: string): Promise<void> => {
    const token = await InternalSigner.open(exchange.keysDir, 'console').sign('delivery', {
      ...{ personId: 'ada', organisationId: 'o', organisationKind: 'operator', organisationName: 'O' },
      ...{ country: 'NL', roles: [], keyId: 'k' },
    });
    const answer = await fetch(`http://127.0.0.1:${service.port}/internal/subscriptions/${subscriptionId}/resume`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}` },
    });
    expect(answer.status).toBe(200);
  };
  /** Recipient and subject of what has arrived. */
  const arrived = (): string[] =>
    mails.mails.map(({ to, source }) => `${to.join()} ${/^Subject: (\w+)/m.exec(source)?.[1]}`);

  it('go to the platform and the operators once for each pause and each recovery, and say nothing of what is delivered', async () => {
    const channel = await exchange.channel();
    const { receiver, subscriptionId, platformId } = await exchange.platform([channel]);
    await exchange.database.query(
      `UPDATE directory.organisation SET notices_to = 'feeds@forum.example' WHERE id = $1`,
      [platformId],
    );
    // The mail server is away at first.
    mails.refuse.set('*', '451 later');
    receiver.behave({ fail: { status: 410, times: 1 } });
    const [row = '', next = ''] = rowIds(2);
    await exchange.publish(channel, [liveRow(channel, row)]);
    await eventually(async () => {
      const notices = await exchange.database.query('SELECT FROM delivery.notice WHERE next_try_at > now()');
      expect(notices).toHaveLength(1);
    });
    expect(mails.mails).toEqual([]);
    mails.refuse.clear();
    await exchange.database.query('UPDATE delivery.notice SET next_try_at = now()');
    await eventually(() => expect(arrived()).toEqual(['feeds@forum.example Paused', 'desk@exchange.example Paused']));
    await resume(subscriptionId);
    await receiver.waitFor((state) => state.counts().live === 1, 60_000);
    await eventually(() =>
      expect(arrived().slice(2)).toEqual(['feeds@forum.example Goes', 'desk@exchange.example Goes']),
    );
    // Anew, and by an address that is refused for good the operators are told all the same.
    mails.refuse.set('feeds@forum.example', '550 no such address');
    receiver.behave({ fail: { status: 410, times: 1 } });
    await exchange.publish(channel, [liveRow(channel, next)]);
    await eventually(() => expect(arrived().slice(4)).toEqual(['desk@exchange.example Paused']));
    await new Promise((resolve) => setTimeout(resolve, 16_000));
    expect(arrived()).toHaveLength(5);
    const text = mails.mails.map(({ source }) => source).join('\n');
    expect(text).toContain(subscriptionId);
    for (const secret of [channel, row, next, 'host.example', receiver.url]) expect(text).not.toContain(secret);
    const audit = await exchange.database.query<{ action: string }[]>(
      `SELECT action FROM delivery.audit WHERE subject = $1 AND action LIKE 'tell-%' ORDER BY id`,
      [`subscription/${subscriptionId}`],
    );
    expect(audit.map(({ action }) => action)).toEqual(['tell-paused', 'tell-recovered', 'tell-paused']);
  }, 120_000);
});
