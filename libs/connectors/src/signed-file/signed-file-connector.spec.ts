import { createHash, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { transient } from '#libs/domain';
import { anOutgoingBatch, anOutgoingRecord, describeConnector, type ContractReceiver } from '#libs/testing';
import type { ConnectorContext, FilePort } from '../connector.js';
import { signedFile } from './index.js';

interface Put {
  folder: string;
  name: string;
  bytes: Buffer;
  at: Date;
}

const SETTINGS = signedFile.readSettings({});
const rawOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' }).subarray(-32);

/** A folder in memory; the real one is beside its port. */
function folderInMemory(): {
  put: Put[];
  removed: string[];
  context: ConnectorContext;
  failWith(error: Error): void;
  keys: KeyObject[];
} {
  const pairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const put: Put[] = [];
  const removed: string[] = [];
  let failure: Error | undefined;
  const files: FilePort = {
    put: (folder, name, bytes) => {
      if (failure) return Promise.reject(failure);
      put.push({ folder: folder.join('/'), name, bytes: Buffer.from(bytes), at: new Date() });
      return Promise.resolve();
    },
    async *list(folder) {
      await Promise.resolve();
      const there = put.filter((file) => file.folder === folder.join('/') && !removed.includes(file.name));
      yield* there.map(({ name, at }) => ({ name, at }));
    },
    remove: (_folder, name) => {
      removed.push(name);
      return Promise.resolve();
    },
  };
  return {
    ...{ put, removed },
    keys: pairs.map(({ publicKey }) => publicKey),
    failWith: (error) => void (failure = error),
    context: {
      files,
      topics: { produce: () => Promise.reject(new Error('files are no topics')) },
      egress: {
        post: () => Promise.reject(new Error('files are not HTTP')),
        request: () => Promise.reject(new Error('files are not HTTP')),
      },
      signing: {
        ed25519: (message) =>
          pairs.map(({ privateKey }, at) => ({ keyId: `k${at}`, signature: sign(null, message, privateKey) })),
        publicKeys: () => pairs.map(({ publicKey }, at) => ({ keyId: `k${at}`, raw: rawOf(publicKey) })),
      },
      now: () => new Date(),
      randomBytes,
    },
  };
}

/** A receiver takes what a manifest is there for, once the manifest and the file are verified. */
function verified(
  put: readonly Put[],
  keys: readonly KeyObject[],
): { manifest: Record<string, unknown>; lines: string[] }[] {
  const before = (at: number, name: string): Buffer =>
    put.slice(0, at).findLast((file) => file.name === name)?.bytes ?? Buffer.of();
  return put.flatMap(({ name, bytes }, at) => {
    if (!name.endsWith('.json')) return [];
    const manifest = JSON.parse(bytes.toString()) as Record<string, unknown>;
    const signatures = before(at, `${name}.sig`).toString().trimEnd().split('\n');
    const good = signatures.map((line) => {
      const [keyId = '', signature = ''] = line.split(' ');
      const key = keys[Number(keyId.slice(1))];
      return key !== undefined && verify(null, bytes, key, Buffer.from(signature, 'base64'));
    });
    expect(good).toEqual(keys.map(() => true));
    const records = before(at, String(manifest.file));
    expect(createHash('sha256').update(records).digest('hex')).toBe(manifest.sha256);
    expect(records.length).toBe(manifest.bytes);
    return [{ manifest, lines: records.toString().trimEnd().split('\n') }];
  });
}

describeConnector(signedFile, (): Promise<ContractReceiver> => {
  const { put, context, failWith, keys } = folderInMemory();
  return Promise.resolve({
    settings: {},
    context,
    trust: () => undefined,
    taken: () =>
      verified(put, keys).map(({ manifest, lines }) => ({
        sameAtRepeat: JSON.stringify([manifest, lines]),
        records: lines.map((body) => ({ eventId: (JSON.parse(body) as { id: string }).id, body })),
      })),
    faults: { fail: () => failWith(transient('TOC_FILES_UNAVAILABLE', 'The disk is full.')) },
    stop: () => Promise.resolve(),
  });
});

describe('the connector signed-file', () => {
  it('puts the manifest last, into the platform’s folder for the channel, and says what the file holds', async () => {
    const { put, context, keys } = folderInMemory();
    const row = anOutgoingRecord();
    const end = anOutgoingRecord({ kind: 'withdrawal', rowId: row.rowId, version: 2 });
    await signedFile.deliver(anOutgoingBatch([row], { batchId: 'b1' }), SETTINGS, {}, context);
    await signedFile.deliver(anOutgoingBatch([end], { batchId: 'b2', revision: 4 }), SETTINGS, {}, context);
    expect(put.map(({ folder, name }) => `${folder}/${name}`)).toEqual([
      ...['ndjson', 'json.sig', 'json'].map((ending) => `picturebook/everyone/content-b1.${ending}`),
      ...['ndjson', 'json.sig', 'json'].map((ending) => `picturebook/everyone/withdrawals-b2.${ending}`),
    ]);
    expect(verified(put, keys).map(({ manifest }) => manifest)).toMatchObject([
      { type: 'tocsin.file', holds: 'content', records: 1, revision: 1, platform: 'picturebook', channel: 'everyone' },
      {
        type: 'tocsin.file',
        holds: 'withdrawals',
        records: 1,
        revision: 4,
        reporting: { url: 'https://tips.politiet.no/' },
      },
    ]);
  });

  it('hands over the folder and the keys by which files are verified', async () => {
    const { context, keys } = folderInMemory();
    expect(await signedFile.register('picturebook', SETTINGS, context)).toMatchObject({
      handOver: {
        folder: 'picturebook',
        public_keys: keys.map((key) => `whpk_${rawOf(key).toString('base64')}`),
        public_key_ids: ['k0', 'k1'],
      },
    });
  });

  it('waits where no folder is configured', async () => {
    const { context } = folderInMemory();
    const outcome = await signedFile.deliver(
      anOutgoingBatch([anOutgoingRecord()]),
      SETTINGS,
      {},
      { ...context, files: undefined },
    );
    expect(outcome).toMatchObject({ outcome: 'unavailable' });
  });

  it('says in the evidence how much was withdrawn and since when, which mails are made of', async () => {
    const { context } = folderInMemory();
    const records = [
      anOutgoingRecord({ kind: 'withdrawal', version: 2 }),
      anOutgoingRecord({ kind: 'withdrawal', version: 3 }),
    ];
    const at = '2026-01-02T03:04:05.000Z';
    expect(await signedFile.deliver(anOutgoingBatch(records), SETTINGS, {}, context)).toMatchObject({
      evidence: { records: 2, withdrawn: 2, first_withdrawal: at, first_error: at },
    });
  });

  it.each([
    [{ full_at: 24 }, 'full_at'],
    [{ keep_days: 0 }, 'keep_days'],
    [{ mail: 'weekly' }, 'mail'],
    [{ endpoint: 'https://s3.example/path', bucket: 'files-of-ours' }, 'endpoint'],
    [{ endpoint: 'https://key@s3.example', bucket: 'files-of-ours' }, 'endpoint'],
    [{ endpoint: 'https://s3.example' }, 'bucket'],
    [{ endpoint: 'https://s3.example', bucket: 'Upper' }, 'bucket'],
    [{ endpoint: 'https://s3.example', bucket: 'files-of-ours', prefix: '../up/' }, 'prefix'],
    [{ endpoint: 'https://s3.example', bucket: 'files-of-ours', secret_key: 'with space' }, 'secret_key'],
    [{ prefix: 'tocsin/' }, 'endpoint'],
  ])('refuses %j, and names %s and no value', (given, name) => {
    expect(() => signedFile.readSettings(given)).toThrow(
      expect.objectContaining({
        code: 'TOC_CONNECTOR_SETTINGS',
        facts: { problems: expect.arrayContaining([expect.stringMatching(`^${name}: `)]) as unknown },
      }),
    );
  });

  it('asks for the keys of a bucket when one is named', async () => {
    const { context } = folderInMemory();
    const settings = signedFile.readSettings({ endpoint: 'https://s3.example', bucket: 'files-of-ours' });
    await expect(signedFile.register('picturebook', settings, context)).rejects.toMatchObject({
      facts: { problems: [expect.stringMatching(/^access_key/), expect.stringMatching(/^secret_key/)] },
    });
    await expect(signedFile.rekey?.(SETTINGS, { access_key: 'kkk', secret_key: 'sss' }, context)).rejects.toMatchObject(
      {
        code: 'TOC_CONNECTOR_SETTINGS',
      },
    );
  });
});

describe('a full file', () => {
  const of = {
    ...{ platformId: 'picturebook', platformCountry: 'NO', subscriptionId: 'sub-1', channelId: 'everyone' },
    ...{ revision: 3, lane: 'ordinary' as const, name: 'full-2026-01-02-0011223344', begunAt: new Date() },
  };
  const daily = signedFile.daily;
  if (!daily) throw new Error('there are no daily files');

  it('is parts of bounded size, and a manifest of them all that is put last', async () => {
    const { put, context, keys } = folderInMemory();
    const full = await daily.begin(of, SETTINGS, {}, context);
    const records = Array.from({ length: 40 }, () => anOutgoingRecord({}, 500_000));
    for (const record of records) await full.add([record]);
    expect(put.some(({ name }) => name.endsWith('.json'))).toBe(false);
    const written = await full.finish(77);
    expect(written).toMatchObject({ file: `${of.name}.json`, records: 40, parts: 3 });
    expect(put.map(({ name }) => name.slice(of.name.length))).toEqual([
      ...['-0001.ndjson', '-0002.ndjson', '-0003.ndjson'],
      ...['.json.sig', '.json'],
    ]);
    const manifest = put.at(-1)?.bytes ?? Buffer.of();
    const said = JSON.parse(manifest.toString()) as { parts: { file: string; sha256: string; bytes: number }[] };
    expect(said).toMatchObject({ type: 'tocsin.file', holds: 'full', position: 77, revision: 3, records: 40 });
    for (const part of said.parts) {
      const bytes = put.find(({ name }) => name === part.file)?.bytes ?? Buffer.of();
      expect(part).toMatchObject({ sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length });
      expect(bytes.length).toBeLessThanOrEqual(8 * 1024 * 1024);
    }
    const signature = put.at(-2)?.bytes.toString().split('\n')[1]?.split(' ')[1] ?? '';
    expect(keys[1] && verify(null, manifest, keys[1], Buffer.from(signature, 'base64'))).toBe(true);
  });

  it('leaves no part of one that is given up or was never finished, and touches no other file', async () => {
    const { put, removed, context } = folderInMemory();
    const whole = await daily.begin({ ...of, name: 'full-2026-01-01-00aabbccdd' }, SETTINGS, {}, context);
    await whole.add([anOutgoingRecord()]);
    await whole.finish(1);
    const dead = await daily.begin({ ...of, name: 'full-2026-01-01-ffffffffff' }, SETTINGS, {}, context);
    await dead.add(Array.from({ length: 18 }, () => anOutgoingRecord({}, 500_000)));
    await context.files?.put(['picturebook', 'everyone'], 'of-the-platform.txt', Buffer.from('theirs'));
    const next = await daily.begin(of, SETTINGS, {}, context);
    expect(removed).toEqual(['full-2026-01-01-ffffffffff-0001.ndjson']);
    await next.add(Array.from({ length: 18 }, () => anOutgoingRecord({}, 500_000)));
    await next.abandon();
    // Its manifest first, which may be there though nobody was told so.
    expect(removed.slice(1)).toEqual(['.json', '.json.sig', '-0001.ndjson'].map((ending) => `${of.name}${ending}`));
    expect(put.at(-1)?.name).toBe(`${of.name}-0001.ndjson`);
  });

  it('lets go of what is old and said in it, manifests first, and of nothing else', async () => {
    const { put, removed, context } = folderInMemory();
    const days = (count: number): Date => new Date(Date.now() - count * 86_400_000);
    const there = (name: string, at: Date): void =>
      void put.push({ folder: 'picturebook/everyone', name, bytes: Buffer.of(), at });
    const [old, young] = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    for (const ending of ['ndjson', 'json.sig', 'json']) {
      there(`withdrawals-${old}.${ending}`, days(15));
      there(`content-${young}.${ending}`, days(13));
      there(`full-2025-12-01-00aabbccdd${ending === 'ndjson' ? '-0001' : ''}.${ending}`, days(15));
    }
    there('of-the-platform.txt', days(100));
    for (const ending of ['json.sig', 'json']) there(`${of.name}.${ending}`, days(20));
    expect(await daily.tidy(of, SETTINGS, {}, context)).toBe(6);
    expect(removed.slice(0, 2).sort()).toEqual(['full-2025-12-01-00aabbccdd.json', `withdrawals-${old}.json`]);
    expect(removed.slice(2).sort()).toEqual([
      ...['full-2025-12-01-00aabbccdd-0001.ndjson', 'full-2025-12-01-00aabbccdd.json.sig'],
      ...[`withdrawals-${old}.json.sig`, `withdrawals-${old}.ndjson`],
    ]);
    // One that was begun earlier than the increments were put says nothing of them.
    removed.length = 0;
    expect(await daily.tidy({ ...of, begunAt: days(16) }, SETTINGS, {}, context)).toBe(0);
  });
});
