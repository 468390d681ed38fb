import { KeyRing } from '#libs/access';
import { startObjectStore } from '#libs/testing';
import { openSecrets } from '../src/subscribe/endpoint-secrets.js';
import { ConsoleRig, type Actor, type Answered } from './console-rig.js';

const store = await startObjectStore();

if (store) {
  describe('a subscription with a bucket', () => {
    const { url, region, keys } = store;
    const bucket = 'of-a-platform';
    let rig: ConsoleRig;
    let admin: Actor;
    let channel: string;

    beforeAll(async () => {
      rig = await ConsoleRig.start();
      admin = await rig.admit('platform', ['admin']);
      channel = await rig.openChannel({ countries: ['NO'] });
      await store.makeBucket(bucket);
    });
    afterAll(async () => {
      await rig.stop();
      await store.close();
    });

    const subscribe = (settings: object): Promise<Answered> =>
      rig.call(admin, 'POST', '/v1/subscriptions', { connector: 'signed-file', channels: [channel], settings });
    const place = { endpoint: url, region, bucket, prefix: 'tocsin/' };
    const secretsOf = async (id: string): Promise<{ sealed: Buffer; secrets: Record<string, string> }> => {
      const [row] = await rig.rows<{ sealed_secrets: Buffer }>(
        'SELECT sealed_secrets FROM directory.subscription WHERE id = $1',
        [id],
      );
      const sealed = row?.sealed_secrets ?? Buffer.of();
      return { sealed, secrets: openSecrets(KeyRing.open(rig.keysDir, 'endpoint-secrets'), id, sealed) };
    };

    it('is not begun without keys, with wrong ones, nor with a bucket on an address that may not be reached', async () => {
      for (const [settings, code] of [
        [place, 'TOC_CONNECTOR_SETTINGS'],
        [{ ...place, ...keys, secret_key: 'wrong' }, 'TOC_CONNECTOR_CHALLENGE'],
        [{ ...place, ...keys, bucket: 'of-nobody' }, 'TOC_CONNECTOR_CHALLENGE'],
        [{ ...place, ...keys, endpoint: 'https://169.254.169.254' }, 'TOC_CONNECTOR_EGRESS'],
      ] as const)
        expect((await subscribe(settings)).body.code).toBe(code);
      expect(await rig.rows('SELECT FROM directory.subscription')).toEqual([]);
    });

    it('keeps its keys sealed, shows them to nobody, and takes new ones that work', async () => {
      const { status, body } = await subscribe({ ...place, ...keys, mail: 'hourly' });
      expect(status).toBe(201);
      const read = await rig.call(admin, 'GET', `/v1/subscriptions/${body.id}`);
      expect(read.body.settings).toEqual({ ...place, full_at: 3, keep_days: 14, mail: 'hourly' });
      for (const shown of [JSON.stringify(body), JSON.stringify(read.body)])
        for (const secret of Object.values(keys)) expect(shown).not.toContain(secret);
      const { sealed, secrets } = await secretsOf(body.id);
      expect(secrets).toEqual(keys);
      expect(sealed.includes(Buffer.from(keys.secret_key))).toBe(false);
      const rekey = (given?: object): Promise<Answered> =>
        rig.call(admin, 'POST', `/v1/subscriptions/${body.id}/secrets`, { overlap_hours: 0, ...(given && { given }) });
      expect((await rekey({ ...keys, secret_key: 'wrong' })).body.code).toBe('TOC_CONNECTOR_CHALLENGE');
      expect((await rekey({ access_key: 'only' })).body.code).toBe('TOC_CONNECTOR_SETTINGS');
      expect((await rekey()).body.code).toBe('TOC_REQUEST_CONFLICT');
      expect((await rekey(keys)).status).toBe(201);
      expect((await secretsOf(body.id)).sealed.equals(sealed)).toBe(false);
      const other = await rig.admit('platform', ['admin']);
      const asOther = await rig.call(other, 'POST', `/v1/subscriptions/${body.id}/secrets`, {
        ...{ overlap_hours: 0, given: keys },
      });
      expect(asOther.body.code).toBe('TOC_ACCESS_NOT_FOUND');
      expect(await store.read(bucket)).toEqual([]);
    });
  });
} else {
  it.skip('a subscription with a bucket: no server that speaks S3 is here', () => undefined);
}
