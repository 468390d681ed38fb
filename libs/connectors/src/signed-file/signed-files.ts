import { createHash } from 'node:crypto';
import { REPORTING_DUTY, reportingRouteOf } from '#libs/domain';
import type { OutgoingBatch, SigningPort } from '../connector.js';

/** A file by its name within the folder of a channel. */
export interface NamedFile {
  name: string;
  bytes: Buffer;
}

/** What a manifest says of the file beside it. Nothing in it depends on the time of writing, so that a repeat is the same. */
interface Manifest {
  type: 'tocsin.file';
  file: string;
  sha256: string;
  bytes: number;
  records: number;
  holds: 'content' | 'withdrawals';
  batch: string;
  platform: string;
  channel: string;
  revision: number;
  lane: string;
  reporting: object;
}

/**
 * A batch as three files, in the order in which they have to be put: the records as lines of JSON, the signatures of the
 * manifest, and the manifest, which tells that the others are there.
 */
export function signedFiles(batch: OutgoingBatch, signing: SigningPort): NamedFile[] {
  const holds = batch.records.some(({ kind }) => kind === 'row') ? 'content' : 'withdrawals';
  const stem = `${holds}-${batch.batchId}`;
  const records = Buffer.from(batch.records.map(({ body }) => `${body}\n`).join(''));
  const said: Manifest = {
    ...{ type: 'tocsin.file', file: `${stem}.ndjson`, sha256: createHash('sha256').update(records).digest('hex') },
    ...{ bytes: records.length, records: batch.records.length, holds, batch: batch.batchId },
    ...{ platform: batch.platformId, channel: batch.channelId, revision: batch.revision, lane: batch.lane },
    reporting: { ...reportingRouteOf(batch.platformCountry), duty: REPORTING_DUTY },
  };
  const manifest = Buffer.from(`${JSON.stringify(said)}\n`);
  const signatures = signing
    .ed25519(manifest)
    .map(({ keyId, signature }) => `${keyId} ${signature.toString('base64')}\n`);
  return [
    { name: `${stem}.ndjson`, bytes: records },
    { name: `${stem}.json.sig`, bytes: Buffer.from(signatures.join('')) },
    { name: `${stem}.json`, bytes: manifest },
  ];
}
