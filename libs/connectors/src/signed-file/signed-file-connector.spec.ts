import { createHash, generateKeyPairSync, randomBytes, sign, verify, type KeyObject } from 'node:crypto';
import { transient } from '#libs/domain';
import { anOutgoingBatch, anOutgoingRecord, describeConnector, type ContractReceiver } from '#libs/testing';
import type { ConnectorContext, FilePort } from '../connector.js';
import { signedFile } from './index.js';

interface Put {
  folder: string;
  name: string;
  bytes: Buffer;
}

const rawOf = (key: KeyObject): Buffer => key.export({ format: 'der', type: 'spki' }).subarray(-32);

/** A folder in memory; the real one is beside its port. */
function folderInMemory(): { put: Put[]; context: ConnectorContext; failWith(error: Error): void; keys: KeyObject[] } {
  const pairs = [generateKeyPairSync('ed25519'), generateKeyPairSync('ed25519')];
  const put: Put[] = [];
  let failure: Error | undefined;
  const files: FilePort = {
    put: (folder, name, bytes) => {
      if (failure) return Promise.reject(failure);
      put.push({ folder: folder.join('/'), name, bytes });
      return Promise.resolve();
    },
  };
  return {
    put,
    keys: pairs.map(({ publicKey }) => publicKey),
    failWith: (error) => void (failure = error),
    context: {
      files,
      topics: { produce: () => Promise.reject(new Error('files are no topics')) },
      egress: { post: () => Promise.reject(new Error('files are not HTTP')) },
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
    await signedFile.deliver(anOutgoingBatch([row], { batchId: 'b1' }), {}, {}, context);
    await signedFile.deliver(anOutgoingBatch([end], { batchId: 'b2', revision: 4 }), {}, {}, context);
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
    expect(await signedFile.register('picturebook', {}, context)).toMatchObject({
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
      {},
      {},
      { ...context, files: undefined },
    );
    expect(outcome).toMatchObject({ outcome: 'unavailable' });
  });
});
