import { createHash } from 'node:crypto';
import { REPORTING_DUTY, reportingRouteOf } from '#libs/domain';
import type { FullFileOf } from '../daily-files.js';
import type { OutgoingBatch, SigningPort } from '../connector.js';

/** A file by its name within the folder of a channel. */
export interface NamedFile {
  name: string;
  bytes: Buffer;
}

/** One file of records, as a manifest names it. */
export interface Part {
  file: string;
  sha256: string;
  bytes: number;
  records: number;
}

/** What every manifest says. */
interface Said {
  type: 'tocsin.file';
  platform: string;
  channel: string;
  revision: number;
  lane: string;
  reporting: object;
}

/** What a manifest says of the file beside it. Nothing in it depends on the time of writing, so that a repeat is the same. */
interface Manifest extends Said, Part {
  holds: 'content' | 'withdrawals';
  batch: string;
  /** Nothing in the file is of a later position of the channel. */
  position: number;
}

/** What the manifest of a full file says of its parts. */
interface FullManifest extends Said {
  holds: 'full';
  /** Everything up to this position of the channel is in it. */
  position: number;
  begun_at: string;
  records: number;
  bytes: number;
  parts: Part[];
}

/** Describes a file of records. */
export function partOf(file: string, bytes: Buffer, records: number): Part {
  return { file, sha256: createHash('sha256').update(bytes).digest('hex'), bytes: bytes.length, records };
}

/** Records as lines of JSON. */
export function linesOf(records: readonly { body: string }[]): Buffer {
  return Buffer.from(records.map(({ body }) => `${body}\n`).join(''));
}

/**
 * A batch as three files, in the order in which they have to be put: the records, the signatures of the manifest, and the manifest,
 * which tells that the others are there.
 */
export function signedFiles(batch: OutgoingBatch, signing: SigningPort): NamedFile[] {
  const holds = batch.records.some(({ kind }) => kind === 'row') ? 'content' : 'withdrawals';
  const stem = `${holds}-${batch.batchId}`;
  const records = linesOf(batch.records);
  const said: Manifest = {
    ...{ type: 'tocsin.file', ...partOf(`${stem}.ndjson`, records, batch.records.length) },
    ...{ holds, batch: batch.batchId, position: batch.position },
    ...saidOf(batch),
  };
  return [{ name: `${stem}.ndjson`, bytes: records }, ...manifestFiles(stem, said, signing)];
}

/** The manifest of a full file with its signatures before it, to be put once all parts are in their place. */
export function fullManifest(
  of: FullFileOf,
  parts: readonly Part[],
  position: number,
  signing: SigningPort,
): NamedFile[] {
  const sum = (field: 'records' | 'bytes'): number => parts.reduce((total, part) => total + part[field], 0);
  const said: FullManifest = {
    ...{ type: 'tocsin.file', holds: 'full', position, begun_at: of.begunAt.toISOString() },
    ...{ records: sum('records'), bytes: sum('bytes'), parts: [...parts] },
    ...saidOf(of),
  };
  return manifestFiles(of.name, said, signing);
}

function saidOf(of: Omit<FullFileOf, 'name' | 'begunAt'>): Omit<Said, 'type'> {
  return {
    ...{ platform: of.platformId, channel: of.channelId, revision: of.revision, lane: of.lane },
    reporting: { ...reportingRouteOf(of.platformCountry), duty: REPORTING_DUTY },
  };
}

function manifestFiles(stem: string, said: Manifest | FullManifest, signing: SigningPort): NamedFile[] {
  const manifest = Buffer.from(`${JSON.stringify(said)}\n`);
  const signatures = signing
    .ed25519(manifest)
    .map(({ keyId, signature }) => `${keyId} ${signature.toString('base64')}\n`);
  return [
    { name: `${stem}.json.sig`, bytes: Buffer.from(signatures.join('')) },
    { name: `${stem}.json`, bytes: manifest },
  ];
}
