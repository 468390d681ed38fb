import { createHash } from 'node:crypto';
import { AwsV4Signer } from 'aws4fetch';
import { fault, rejection, TocsinError, transient } from '#libs/domain';
import type { ConnectorContext, FileFound, FilePort, HttpAnswer } from '../connector.js';
import { readRetryAfter } from '../retry-after.js';
import type { BucketKeys, BucketPlace } from './file-settings.js';

const PLAIN = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** A part of a full file takes a while on a slow line. */
const LIMITS = { deadlineMs: 60_000, maxAnswerBytes: 64 * 1024 };
/** A page of a listing: a thousand keys of at most 1,024 bytes each, and as much again around them. */
const LISTING = { deadlineMs: 30_000, maxAnswerBytes: 4 * 1024 * 1024 };
/** Longest time that a whole listing may take: a server can go on for ever. */
const LISTED_WITHIN_MS = 600_000;

/**
 * Folders in a bucket of a server that speaks S3, addressed by path; requests are signed with AWS Signature Version 4. An
 * object is there whole or not at all.
 * @param party the platform on whose behalf
 * @param listedWithinMs longest time of a listing
 */
export function bucketFolders(
  place: BucketPlace,
  keys: BucketKeys,
  party: string,
  { egress, now }: Pick<ConnectorContext, 'egress' | 'now'>,
  listedWithinMs = LISTED_WITHIN_MS,
): FilePort {
  const ask = async (
    method: 'GET' | 'PUT' | 'DELETE',
    path: string,
    body: Buffer | string = '',
    limits: typeof LIMITS & { startWithinMs?: number } = LIMITS,
  ): Promise<HttpAnswer> => {
    const { url, headers } = await signed(place, keys, { method, path, body, now: now() });
    return egress.request(method, url, headers, body, { ...limits, party });
  };
  const keyOf = (folder: readonly string[], name: string): string => {
    if (![...folder, name].every((part) => PLAIN.test(part))) throw fault('a file is to be put nowhere plain');
    return `/${place.bucket}/${place.prefix}${[...folder, name].join('/')}`;
  };
  return {
    async put(folder, name, bytes, startWithinMs) {
      const limits = { ...LIMITS, ...(startWithinMs !== undefined && { startWithinMs }) };
      accept(await ask('PUT', keyOf(folder, name), bytes, limits), now());
    },
    async *list(folder) {
      const prefix = `${place.prefix}${folder.map((part) => `${part}/`).join('')}`;
      const end = performance.now() + listedWithinMs;
      let after = '';
      for (;;) {
        if (performance.now() > end) throw transient('TOC_FILES_UNAVAILABLE', 'The bucket lists for too long.');
        const query = new URLSearchParams({
          ...{ 'list-type': '2', prefix, delimiter: '/', 'max-keys': '1000' },
          ...(after && { 'start-after': after }),
        });
        const answer = await ask('GET', `/${place.bucket}?${query.toString()}`, '', LISTING);
        accept(answer, now());
        const page = readListing(answer.body.toString('utf8'));
        yield* page.found
          .filter(({ key }) => isIn(prefix, key))
          .map(({ key, at }) => ({ name: key.slice(prefix.length), at }));
        if (!page.isTruncated) return;
        // One that does not come further never ends, and of half a listing nobody can tell what is not there.
        if (page.last === undefined || page.last <= after)
          throw transient('TOC_FILES_UNAVAILABLE', 'The listing of the bucket does not go on.');
        after = page.last;
      }
    },
    async remove(folder, name) {
      accept(await ask('DELETE', keyOf(folder, name)), now());
    },
  };
}

const isIn = (prefix: string, key: string): boolean => key.startsWith(prefix) && PLAIN.test(key.slice(prefix.length));

async function signed(
  { endpoint, region }: BucketPlace,
  { access_key, secret_key }: BucketKeys,
  { method, path, body, now }: { method: string; path: string; body: Buffer | string; now: Date },
): Promise<{ url: string; headers: Record<string, string> }> {
  const signer = new AwsV4Signer({
    ...{ method, url: `${endpoint}${path}`, service: 's3', region },
    ...{ accessKeyId: access_key, secretAccessKey: secret_key },
    datetime: now.toISOString().replace(/[:-]|\.\d{3}/g, ''),
    headers: { 'x-amz-content-sha256': createHash('sha256').update(body).digest('hex') },
  });
  const { url, headers } = await signer.sign();
  return { url: url.href, headers: Object.fromEntries(headers) };
}

/**
 * What an answer means. A bucket that is not there is gone for good; whatever else may be mended, a wrong key and a wrong
 * region among it, so nothing is refused for it.
 */
function accept({ status, headers }: HttpAnswer, now: Date): void {
  if (status >= 200 && status < 300) return;
  if (status === 404) throw rejection('TOC_FILES_GONE', 'The server has no such bucket.');
  const retryAfterMs = readRetryAfter(headers['retry-after'], now);
  throw new TocsinError('TOC_FILES_UNAVAILABLE', `The bucket answered ${status}.`, { retry_after_ms: retryAfterMs });
}

const CONTENTS = /<Contents>(.*?)<\/Contents>/gs;
const KEY = /<Key>([^<]*)<\/Key>/;
const MODIFIED = /<LastModified>([^<]*)<\/LastModified>/;

/**
 * Reads a page of `ListObjectsV2`. Keys of ours are plain, so that nothing in them is ever escaped; those of others are read only to go on
 * behind them.
 */
function readListing(text: string): {
  found: (Omit<FileFound, 'name'> & { key: string })[];
  last: string | undefined;
  isTruncated: boolean;
} {
  const found = [...text.matchAll(CONTENTS)].flatMap(([, contents = '']) => {
    const key = unescaped(KEY.exec(contents)?.[1] ?? '');
    const at = new Date(MODIFIED.exec(contents)?.[1] ?? '');
    return key === '' || Number.isNaN(at.getTime()) ? [] : [{ key, at }];
  });
  return { found, last: found.at(-1)?.key, isTruncated: text.includes('<IsTruncated>true</IsTruncated>') };
}

function unescaped(text: string): string {
  const named: Record<string, string> = { '&lt;': '<', '&gt;': '>', '&quot;': '"', '&apos;': "'", '&amp;': '&' };
  return text.replace(/&(lt|gt|quot|apos|amp);/g, (entity) => named[entity] ?? entity);
}
