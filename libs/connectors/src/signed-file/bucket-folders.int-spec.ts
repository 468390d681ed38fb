import { generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createEgress } from '#libs/egress';
import {
  anOutgoingBatch,
  anOutgoingRecord,
  describeConnector,
  startObjectStore,
  uniqueName,
  type ContractReceiver,
} from '#libs/testing';
import type { ConnectorContext, FileFound } from '../connector.js';
import { bucketFolders } from './bucket-folders.js';
import { signedFile } from './index.js';

const store = await startObjectStore();
const egress = createEgress({ exceptions: ['127.0.0.1:*'], allowHttp: true });
afterAll(async () => {
  await egress.close();
  await store?.close();
});

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const context: ConnectorContext = {
  egress,
  topics: { produce: () => Promise.reject(new Error('files are no topics')) },
  signing: {
    ed25519: (message) => [{ keyId: 'k', signature: sign(null, message, privateKey) }],
    publicKeys: () => [{ keyId: 'k', raw: publicKey.export({ format: 'der', type: 'spki' }).subarray(-32) }],
  },
  now: () => new Date(),
  randomBytes,
};

/** Answers every request in its own way. */
async function server(listener: RequestListener): Promise<{ url: string; close(): Promise<unknown> }> {
  const made = createServer(listener);
  await new Promise<void>((resolve) => made.listen(0, '127.0.0.1', resolve));
  const close = (): Promise<unknown> => {
    made.closeAllConnections();
    return new Promise((resolve) => made.close(resolve));
  };
  return { url: `http://127.0.0.1:${(made.address() as AddressInfo).port}`, close };
}

const KEYS = { access_key: 'AKIAEXAMPLE', secret_key: 'example-secret-of-a-key' };
const settingsAt = (endpoint: string, bucket = 'files-of-ours') =>
  signedFile.readSettings({ endpoint, region: 'eu-central-1', bucket, prefix: 'tocsin/' });

describe('a bucket that does not take files', () => {
  const deliver = async (listener: RequestListener, secrets = KEYS) => {
    const { url, close } = await server(listener);
    try {
      return await signedFile.deliver(anOutgoingBatch([anOutgoingRecord()]), settingsAt(url), { ...secrets }, context);
    } finally {
      await close();
    }
  };

  it.each([
    [503, { outcome: 'unavailable', detail: 'The bucket answered 503.', retryAfterMs: 7_000 }],
    [500, { outcome: 'unavailable' }],
    [403, { outcome: 'unavailable', detail: 'The bucket answered 403.' }],
    [400, { outcome: 'unavailable' }],
    [301, { outcome: 'unavailable' }],
    [404, { outcome: 'gone' }],
  ])('says so with %i', async (status, outcome) => {
    const listener: RequestListener = (_request, response) =>
      void response.writeHead(status, status === 503 ? { 'retry-after': '7' } : { location: '/x' }).end('<Error/>');
    expect(await deliver(listener)).toMatchObject(outcome);
  });

  it('is waited for where nobody listens', async () => {
    const { url, close } = await server(() => undefined);
    await close();
    const outcome = await signedFile.deliver(
      anOutgoingBatch([anOutgoingRecord()]),
      settingsAt(url),
      { ...KEYS },
      context,
    );
    expect(outcome).toMatchObject({ outcome: 'unavailable' });
  });

  it('is not reached on a private address unless the deployment allows it', async () => {
    let asked = 0;
    const { url, close } = await server((_request, response) => {
      asked += 1;
      response.end();
    });
    const guarded = createEgress();
    const settings = settingsAt(url);
    const given = { ...settings, ...KEYS };
    await expect(signedFile.register('p', given, { ...context, egress: guarded })).rejects.toMatchObject({
      code: 'TOC_CONNECTOR_EGRESS',
    });
    const batch = anOutgoingBatch([anOutgoingRecord()]);
    expect(await signedFile.deliver(batch, settings, { ...KEYS }, { ...context, egress: guarded })).toMatchObject({
      outcome: 'unavailable',
    });
    expect(asked).toBe(0);
    await guarded.close();
    await close();
  });

  it('cannot keep a listing going for ever, nor slip in names that lead elsewhere', async () => {
    let pages = 0;
    let key = (): string => 'tocsin/c/a.json';
    const { url, close } = await server((_request, response) => {
      pages += 1;
      const contents = [key(), 'tocsin/c/../up.json', 'elsewhere/b.json']
        .map((one) => `<Contents><Key>${one}</Key><LastModified>2026-01-02T03:04:05Z</LastModified></Contents>`)
        .reverse();
      response.end(`<ListBucketResult><IsTruncated>true</IsTruncated>${contents.join('')}</ListBucketResult>`);
    });
    const place = { endpoint: url, region: 'eu-central-1', bucket: 'files-of-ours', prefix: 'tocsin/' };
    const listed = async (): Promise<string[]> => {
      const names: string[] = [];
      for await (const { name } of bucketFolders(place, KEYS, 'p', context, 500).list(['c'])) names.push(name);
      return names;
    };
    // Of half a listing nobody can tell what is not there.
    await expect(listed()).rejects.toThrow('does not go on');
    expect(pages).toBe(2);
    key = () => `tocsin/c/a${String(pages).padStart(9, '0')}.json`;
    await expect(listed()).rejects.toThrow('lists for too long');
    await close();
  });

  it('never gets a secret, nor a request that is repeated elsewhere', async () => {
    const heard: string[] = [];
    await deliver((request, response) => {
      void request.toArray().then((pieces: Buffer[]) => {
        heard.push(`${request.method} ${request.url} ${JSON.stringify(request.headers)} ${Buffer.concat(pieces)}`);
        response.end();
      });
    });
    expect(heard.map((line) => line.split(' ').slice(0, 2).join(' '))).toEqual([
      ...['ndjson', 'json.sig', 'json'].map(
        (ending) => expect.stringMatching(`^PUT /files-of-ours/tocsin/everyone/content-[^/]*\\.${ending}$`) as string,
      ),
    ]);
    expect(heard.join('')).not.toContain(KEYS.secret_key);
    expect(heard[0]).toContain('AWS4-HMAC-SHA256');
  });
});

if (store) {
  const { keys, region, url } = store;
  const settingsOf = (bucket: string) => ({ endpoint: url, region, bucket, prefix: 'tocsin/', ...keys });

  describeConnector(signedFile, async (): Promise<ContractReceiver> => {
    const bucket = uniqueName('bucket')
      .toLowerCase()
      .replace(/[^a-z0-9-]/g, '-')
      .slice(0, 60);
    await store.makeBucket(bucket);
    let failing: string | undefined;
    const servers: { close(): Promise<unknown> }[] = [];
    const faulty = async (status: number, headers = {}): Promise<void> => {
      const made = await server((_request, response) => void response.writeHead(status, headers).end());
      servers.push(made);
      failing = made.url;
    };
    /** What was put and taken, in order: what is put again is in the place of what was there. */
    const put: { key: string; bytes: Buffer }[] = [];
    return {
      settings: settingsOf(bucket),
      context: {
        ...context,
        egress: {
          ...egress,
          request: async (method, to, headers, body, limits) => {
            const at = failing ? to.replace(url, failing) : to;
            const answer = await egress.request(method, at, headers, body, limits);
            const key = new URL(to).pathname.slice(bucket.length + 2);
            if (method === 'PUT' && answer.status === 200) put.push({ key, bytes: Buffer.from(body) });
            return answer;
          },
        },
      },
      trust: () => undefined,
      taken: async () => {
        const there = await store.read(bucket, 'tocsin/everyone/');
        for (const { key, bytes } of there)
          expect(put.findLast((file) => file.key === key)?.bytes.equals(bytes)).toBe(true);
        const manifests = put.filter(({ key }) => /^tocsin\/everyone\/.*\.json$/.test(key));
        return manifests.map(({ key, bytes }) => {
          const records = there.find((file) => file.key === key.replace('.json', '.ndjson'))?.bytes.toString() ?? '';
          const lines = records.trimEnd().split('\n');
          const read = lines.map((body) => ({ eventId: (JSON.parse(body) as { id: string }).id, body }));
          return { sameAtRepeat: JSON.stringify([key, bytes.toString(), lines]), records: read };
        });
      },
      faults: {
        throttle: (seconds) => faulty(503, { 'retry-after': String(seconds) }),
        fail: () => faulty(500),
        vanish: () => void (failing = 'http://127.0.0.1:1'),
        leave: () => store.dropBucket(bucket),
      },
      stop: async () => {
        await Promise.all(servers.map((made) => made.close()));
      },
    };
  });

  describe('a bucket of a server that verifies signatures', () => {
    const bucket = 'files-of-a-platform';
    beforeAll(() => store.makeBucket(bucket));

    it('is proved at registration, and its keys are not among the settings', async () => {
      const { settings, secrets, handOver } = await signedFile.register(
        'picturebook',
        signedFile.readSettings(settingsOf(bucket)),
        context,
      );
      expect(secrets).toEqual(keys);
      expect(JSON.stringify([settings, handOver])).not.toContain(keys.secret_key);
      expect(JSON.stringify([settings, handOver])).not.toContain(keys.access_key);
      expect(await store.read(bucket)).toEqual([]);
    });

    it.each([
      ['a wrong secret', { secret_key: 'x'.repeat(40) }, 'The bucket answered 403.'],
      ['an unknown key', { access_key: 'AKIANOBODY' }, 'The bucket answered 403.'],
      ['a bucket that is not there', { bucket: 'of-nobody' }, 'The server has no such bucket.'],
    ])('is refused with %s', async (_what, wrong, detail) => {
      const given = signedFile.readSettings({ ...settingsOf(bucket), ...wrong });
      await expect(signedFile.register('picturebook', given, context)).rejects.toMatchObject({
        ...{ code: 'TOC_CONNECTOR_CHALLENGE', detail },
      });
    });

    it('takes new keys once they work', async () => {
      const settings = signedFile.readSettings({ ...settingsOf(bucket), access_key: undefined, secret_key: undefined });
      expect(await signedFile.rekey?.(settings, keys, context)).toMatchObject({ secrets: keys });
      const wrong = { ...keys, secret_key: 'y'.repeat(40) };
      await expect(signedFile.rekey?.(settings, wrong, context)).rejects.toMatchObject({
        code: 'TOC_CONNECTOR_CHALLENGE',
      });
    });

    it('is waited for while its key is wrong, and gone when it is', async () => {
      const batch = anOutgoingBatch([anOutgoingRecord()]);
      const { access_key: _key, secret_key: _secret, ...settings } = signedFile.readSettings(settingsOf(bucket));
      const wrong = { ...keys, secret_key: 'x'.repeat(40) };
      expect(await signedFile.deliver(batch, settings, wrong, context)).toMatchObject({ outcome: 'unavailable' });
      expect(
        await signedFile.deliver(batch, { ...settings, bucket: 'gone-since' }, { ...keys }, context),
      ).toMatchObject({
        outcome: 'gone',
      });
      expect(await signedFile.deliver(batch, settings, { ...keys }, context)).toMatchObject({ outcome: 'sent' });
    });

    it('lists more than a page, only its own folder, and whatever others have put there', async () => {
      const place = { endpoint: url, region, bucket, prefix: 'list/' };
      const folders = bucketFolders(place, keys, 'p', context);
      const names = Array.from({ length: 1_003 }, (_, index) => `f${String(index).padStart(5, '0')}.json`);
      for (let from = 0; from < names.length; from += 20)
        await Promise.all(names.slice(from, from + 20).map((name) => folders.put(['c'], name, Buffer.from('x'))));
      await folders.put(['c2'], 'other.json', Buffer.from('x'));
      await folders.put(['c', 'below'], 'deeper.json', Buffer.from('x'));
      const found: FileFound[] = [];
      for await (const file of folders.list(['c'])) found.push(file);
      expect(found.map(({ name }) => name)).toEqual(names);
      expect(Math.abs((found[0]?.at.getTime() ?? 0) - Date.now())).toBeLessThan(120_000);
      await folders.remove(['c'], 'f00000.json');
      await folders.remove(['c'], 'f00000.json');
      const left: string[] = [];
      for await (const { name } of folders.list(['c'])) left.push(name);
      expect(left).toEqual(names.slice(1));
    }, 60_000);

    it('has a full file in parts, with old files taken away', async () => {
      const settings = signedFile.readSettings({ ...settingsOf(bucket), prefix: 'full/' });
      const of = {
        ...{ platformId: 'p', platformCountry: 'NO', subscriptionId: 's', channelId: 'everyone', revision: 1 },
        ...{ lane: 'ordinary' as const, name: 'full-2026-01-02-0011223344', begunAt: new Date() },
      };
      const full = await signedFile.daily?.begin(of, settings, { ...keys }, context);
      for (let count = 0; count < 20; count += 1) await full?.add([anOutgoingRecord({}, 900_000)]);
      expect((await store.read(bucket, 'full/')).some(({ key }) => key.endsWith('.json'))).toBe(false);
      expect(await full?.finish(20)).toMatchObject({ parts: 3, records: 20 });
      const later = { ...context, now: () => new Date(Date.now() + 20 * 86_400_000) };
      const next = { ...of, name: 'full-2026-01-22-5566778899', begunAt: later.now() };
      // Clocks of bucket and exchange agree: signatures are of now.
      await (await signedFile.daily?.begin(next, settings, { ...keys }, context))?.finish(21);
      const tidied = { ...later, egress: context.egress, now: () => later.now() };
      expect(await signedFile.daily?.tidy(next, settings, { ...keys }, tidied)).toBe(5);
      expect((await store.read(bucket, 'full/')).map(({ key }) => key)).toEqual([
        'full/everyone/full-2026-01-22-5566778899.json',
        'full/everyone/full-2026-01-22-5566778899.json.sig',
      ]);
    }, 60_000);
  });
} else {
  it.skip('a bucket of a server that verifies signatures: the server is not here', () => undefined);
}
