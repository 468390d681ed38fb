import { createPublicKey, verify } from 'node:crypto';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createKey, KeyRing, sealedUnder, webhookSigning, type KeyPurpose } from '#libs/access';
import { connectorById, sends, type ConnectorContext, type HttpAnswer } from '#libs/connectors';
import { openSecrets } from '../src/subscribe/endpoint-secrets.js';
import { ConsoleRig, type Actor, type Told } from './console-rig.js';
import { WebhookReceiver } from './webhook-receiver.js';

/** What the receiver of a delivery would get. */
interface Delivered {
  headers: Record<string, string>;
  body: Buffer;
}

describe('rotations', () => {
  let rig: ConsoleRig;
  let receiver: WebhookReceiver;
  let admin: Actor;
  let channel: string;

  beforeAll(async () => {
    rig = await ConsoleRig.start();
    receiver = await WebhookReceiver.start();
    admin = await rig.admit('platform', ['admin']);
    channel = await rig.openChannel();
  });
  afterAll(async () => {
    await rig.stop();
    await receiver.stop();
  });

  const subscribe = async (signature: 'ed25519' | 'hmac'): Promise<Told> => {
    const settings = { url: receiver.url, signature };
    const given = { connector: 'webhook', channels: [channel], settings };
    const { status, body } = await rig.call(admin, 'POST', '/v1/subscriptions', given);
    expect(status).toBe(201);
    return body;
  };
  const read = async (id: string): Promise<Told> => (await rig.call(admin, 'GET', `/v1/subscriptions/${id}`)).body;
  /** A newer key, and a console that knows it at once: by itself it would look within half a minute. */
  const rotate = async (purpose: KeyPurpose): Promise<string> => {
    await rig.stopService();
    const id = createKey(rig.keysDir, purpose, new Date());
    await rig.startService();
    return id;
  };
  const remove = async (purpose: KeyPurpose, id: string): Promise<void> => {
    await rig.stopService();
    rmSync(join(rig.keysDir, purpose, `${id}.key`));
    await rig.startService();
  };

  /** Delivers one record by the connector, signed with the keys that the deployment has now. */
  async function deliver(): Promise<Delivered> {
    const delivered: Delivered[] = [];
    const context: ConnectorContext = {
      egress: {
        post: (_url, headers, body): Promise<HttpAnswer> => {
          delivered.push({ headers, body: Buffer.from(body) });
          return Promise.resolve({ status: 200, headers: {}, body: Buffer.alloc(0), durationMs: 1 });
        },
        request: () => Promise.reject(new Error('nothing but a delivery leaves')),
      },
      topics: { produce: () => Promise.reject(new Error('not by Kafka')) },
      signing: webhookSigning(KeyRing.open(rig.keysDir, 'webhook-signing')),
      now: () => new Date(),
      randomBytes: (length) => Buffer.alloc(length, 7),
    };
    const records = [{ eventId: 'e', rowId: 'r', version: 1, kind: 'row' as const, body: '{}' }];
    const batch = {
      batchId: 'b',
      platformId: admin.organisationId,
      subscriptionId: 's',
      channelId: channel,
      revision: 1,
    };
    const webhook = connectorById('webhook');
    if (!webhook || !sends(webhook)) throw new Error('there is no webhook connector');
    const settings = webhook.readSettings({ url: receiver.url, signature: 'ed25519' });
    const outcome = await webhook.deliver(
      { ...batch, platformCountry: 'NO', lane: 'ordinary', position: 1, records },
      settings,
      {},
      context,
    );
    expect(outcome.outcome).toBe('sent');
    const [first] = delivered;
    if (!first) throw new Error('nothing was delivered');
    return first;
  }

  /** Whether a receiver that trusts this one key takes it, by Standard Webhooks. */
  function isTaken({ headers, body }: Delivered, publicKey: string): boolean {
    const x = Buffer.from(publicKey.replace('whpk_', ''), 'base64').toString('base64url');
    const key = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' });
    const content = Buffer.concat([Buffer.from(`${headers['webhook-id']}.${headers['webhook-timestamp']}.`), body]);
    return (headers['webhook-signature'] ?? '').split(' ').some((written) => {
      const [version, text = ''] = written.split(',');
      return version === 'v1a' && verify(null, content, key, Buffer.from(text, 'base64'));
    });
  }

  it('of webhook-signing: a platform fetches the new public key while both sign, and then the old one goes', async () => {
    const { id, hand_over } = await subscribe('ed25519');
    const [first = ''] = hand_over.public_keys ?? [];
    expect(await read(id)).toMatchObject({ public_keys: [first] });
    const newer = await rotate('webhook-signing');
    const shown = await read(id);
    expect(shown.public_keys).toHaveLength(2);
    expect(shown.public_key_ids?.[0]).toBe(newer);
    const [second = '', before] = shown.public_keys ?? [];
    expect(before).toBe(first);
    // Operators see what they are about to take away; the list shows it to the platform as well.
    expect(await rig.operate('GET', `/v1/subscriptions/${id}`)).toMatchObject({ public_keys: [second, first] });
    const { body } = await rig.call(admin, 'GET', '/v1/subscriptions');
    expect(body.subscriptions.find((one) => one.id === id)?.public_keys).toEqual([second, first]);
    const during = await deliver();
    expect([isTaken(during, first), isTaken(during, second)]).toEqual([true, true]);
    await remove('webhook-signing', shown.public_key_ids?.[1] ?? '');
    expect(await read(id)).toMatchObject({ public_keys: [second], public_key_ids: [newer] });
    const after = await deliver();
    expect([isTaken(after, first), isTaken(after, second)]).toEqual([false, true]);
  });

  it('of webhook-signing are nothing to those who verify by a secret of their own', async () => {
    const { id } = await subscribe('hmac');
    expect((await read(id)).public_keys).toBeUndefined();
  });

  it('of endpoint-secrets: everything is sealed anew, each with an audit row, and then the old key goes', async () => {
    const subscriptions = [await subscribe('hmac'), await subscribe('hmac'), await subscribe('ed25519')];
    const [kept, ended] = subscriptions;
    const departure = { policy: 'delete-all', reason: 'moved' };
    expect((await rig.call(admin, 'POST', `/v1/subscriptions/${ended?.id}/departure`, departure)).status).toBe(200);
    const sealed = async (): Promise<{ id: string; sealed_secrets: Buffer; changed_at: Date }[]> =>
      rig.rows('SELECT id, sealed_secrets, changed_at FROM directory.subscription ORDER BY id');
    const before = await sealed();
    const [old] = new Set(before.map((row) => sealedUnder(row.sealed_secrets)));
    const newer = await rotate('endpoint-secrets');
    const until = Date.now() + 60_000;
    while ((await rig.figure('tocsin_endpoint_secrets_under_old_keys')) > 0) {
      if (Date.now() > until) throw new Error('not everything was sealed anew');
      await sleep(50);
    }
    expect(await rig.figure('tocsin_endpoint_secrets_under_old_keys')).toBe(0);
    const after = await sealed();
    expect(after.map(({ sealed_secrets }) => sealedUnder(sealed_secrets))).toEqual(before.map(() => newer));
    // Nothing that a platform sees, or that delivery starts anew for, has changed.
    expect(after.map(({ changed_at }) => changed_at)).toEqual(before.map(({ changed_at }) => changed_at));
    for (const { id } of before) {
      const rows = (await rig.auditOf(`subscription/${id}`)).filter(({ action }) => action === 'reseal-secrets');
      expect(rows).toMatchObject([{ actor: 'service:console' }]);
      expect(JSON.parse(rows[0]?.detail ?? '{}')).toEqual({ from: old, to: newer });
    }
    await remove('endpoint-secrets', old ?? '');
    const ring = KeyRing.open(rig.keysDir, 'endpoint-secrets');
    const opened = after.find(({ id }) => id === kept?.id)?.sealed_secrets ?? Buffer.alloc(0);
    expect(openSecrets(ring, kept?.id ?? '', opened).current).toBe(kept?.hand_over.signing_secret);
    const own = await rig.call(admin, 'POST', `/v1/subscriptions/${kept?.id}/secrets`, { overlap_hours: 1 });
    expect(own.status).toBe(201);
  });

  it('of endpoint-secrets leave aside what no key opens any more, and go on with the rest', async () => {
    const [broken, sound] = [await subscribe('hmac'), await subscribe('hmac')];
    await rig.rows(
      'UPDATE directory.subscription SET sealed_secrets = overlay(sealed_secrets PLACING $2 FROM 60) WHERE id = $1',
      [broken.id, Buffer.alloc(8, 1)],
    );
    const newer = await rotate('endpoint-secrets');
    const under = async (id: string): Promise<string> => {
      const sql = 'SELECT sealed_secrets FROM directory.subscription WHERE id = $1';
      const [row] = await rig.rows<{ sealed_secrets: Buffer }>(sql, [id]);
      return sealedUnder(row?.sealed_secrets ?? Buffer.alloc(0));
    };
    const until = Date.now() + 60_000;
    while ((await under(sound.id)) !== newer && Date.now() < until) await sleep(50);
    expect(await under(sound.id)).toBe(newer);
    expect(await under(broken.id)).not.toBe(newer);
    expect(await rig.figure('tocsin_endpoint_secrets_under_old_keys')).toBe(1);
    expect((await rig.call(admin, 'GET', '/v1/subscriptions')).status).toBe(200);
  });
});
