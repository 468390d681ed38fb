import { readFile } from 'node:fs/promises';
import { rejection } from '#libs/domain';

/** What may be said of signed files. */
export interface FilesAsked {
  fullAt?: string;
  keepDays?: string;
  mail?: string;
  endpoint?: string;
  region?: string;
  bucket?: string;
  prefix?: string;
  bucketKeys?: string;
}

/** Options of `tocsin platforms subscribe` for signed files, with what they say. */
export const FILE_OPTIONS: readonly (readonly [flag: string, says: string])[] = [
  ['--full-at <hour>', 'signed files: hour of UTC from which on the full file of a day is written'],
  ['--keep-days <number>', 'signed files: days that files are kept at least'],
  ['--mail <word>', 'signed files: hourly or daily, how often at most a mail says that there are new ones; or none'],
  ['--endpoint <address>', 'signed files: the server of your bucket, https://…; without it, a folder at the exchange'],
  ['--region <word>', 'signed files: region of the bucket'],
  ['--bucket <name>', 'signed files: your bucket'],
  ['--prefix <path>', 'signed files: in front of everything in the bucket, with a slash at its end'],
  ['--bucket-keys <file>', 'signed files: JSON with access_key and secret_key of the bucket'],
];

/** Settings of signed files; what is not said is left out. */
export async function fileSettings(given: FilesAsked): Promise<Record<string, unknown>> {
  const { fullAt, keepDays, mail, endpoint, region, bucket, prefix, bucketKeys } = given;
  const said = { full_at: number(fullAt), keep_days: number(keepDays), mail, endpoint, region, bucket, prefix };
  const keys = bucketKeys === undefined ? {} : await readBucketKeys(bucketKeys);
  return Object.fromEntries(Object.entries({ ...said, ...keys }).filter(([, value]) => value !== undefined));
}

const number = (text?: string): number | undefined => (text === undefined ? undefined : Number(text));

/**
 * Keys of a bucket out of a file, so that they stand neither on a command line nor in its history.
 * @throws a rejection `TOC_REQUEST_PARAMETER`, which tells nothing of what is in the file
 */
export async function readBucketKeys(file: string): Promise<object> {
  try {
    const keys: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof keys === 'object' && keys !== null) return keys;
  } catch {
    // Said below, without what was read.
  }
  throw rejection('TOC_REQUEST_PARAMETER', 'The file of bucket keys is not there, or no object of JSON.');
}
