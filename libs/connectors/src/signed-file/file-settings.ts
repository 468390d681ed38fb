import { SettingsReader } from '../settings-reader.js';

/** What a platform chooses of its files. */
export interface SignedFileSettings {
  /** The hour of UTC from which on the full file of a day is written. */
  full_at: number;
  /** Days that files are kept at least, once a newer full file is there. */
  keep_days: number;
  /** How often a mail may say that there are new files; it goes to the functional address of the platform's admission. */
  mail: 'none' | 'hourly' | 'daily';
  /** Where the bucket is: a server that speaks S3; absent for the folder at the exchange. The name of the bucket is its path. */
  endpoint?: string;
  region?: string;
  bucket?: string;
  /** In front of the folders of channels, ending with a slash; empty for none. */
  prefix?: string;
  /** Given at registration, and kept sealed. */
  access_key?: string;
  secret_key?: string;
}

/** The keys of a bucket. */
export type BucketKeys = Required<Pick<SignedFileSettings, 'access_key' | 'secret_key'>>;
/** Where a bucket is. */
export type BucketPlace = Required<Pick<SignedFileSettings, 'endpoint' | 'region' | 'bucket' | 'prefix'>>;

const LONGEST_ENDPOINT = 300;
const REGION = /^[a-z0-9-]{1,40}$/;
/** As S3 names buckets, without dots, which certificates for a wildcard do not cover. */
const BUCKET = /^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$/;
const PREFIX = /^([A-Za-z0-9][A-Za-z0-9._-]{0,99}\/){0,8}$/;
const KEY = /^[\x21-\x7e]{3,200}$/;

/** Reads settings given by a platform, or as they were stored. @throws a rejection `TOC_CONNECTOR_SETTINGS` */
export function readFileSettings(given: unknown): SignedFileSettings {
  const reader = new SettingsReader(given);
  const settings: SignedFileSettings = {
    full_at: reader.whole('full_at', { min: 0, max: 23, otherwise: 3 }),
    keep_days: reader.whole('keep_days', { min: 1, max: 90, otherwise: 14 }),
    mail: reader.word('mail', ['none', 'hourly', 'daily']),
    ...readBucket(reader),
  };
  reader.finish();
  return settings;
}

/** Reads new keys of a bucket. @throws a rejection `TOC_CONNECTOR_SETTINGS` */
export function readBucketKeys(given: unknown): BucketKeys {
  const reader = new SettingsReader(given ?? {});
  const access_key = text(reader, 'access_key', KEY, 'must be the id of an access key');
  const secret_key = text(reader, 'secret_key', KEY, 'must be the secret of that key');
  reader.finish();
  return { access_key, secret_key };
}

/** Where the bucket is, if there is one. */
export function bucketOf({ endpoint, region, bucket, prefix }: SignedFileSettings): BucketPlace | undefined {
  if (endpoint === undefined || region === undefined || bucket === undefined) return undefined;
  return { endpoint, region, bucket, prefix: prefix ?? '' };
}

function readBucket(reader: SettingsReader): Partial<SignedFileSettings> {
  const given = Object.fromEntries(
    ['endpoint', 'region', 'bucket', 'prefix', 'access_key', 'secret_key'].map((name) => [name, reader.take(name)]),
  );
  if (Object.values(given).every((value) => value === undefined)) return {};
  const { endpoint, region = 'us-east-1', bucket, prefix = '', access_key, secret_key } = given;
  if (!isOrigin(endpoint)) reader.problem('endpoint', 'must be https:// and the host of the server, nothing behind it');
  for (const [name, value, pattern, rule] of [
    ['region', region, REGION, 'must be a region, such as eu-central-1'],
    ['bucket', bucket, BUCKET, 'must be the name of a bucket, 3 to 63 letters, digits and hyphens'],
    ['prefix', prefix, PREFIX, 'must be plain names, each with a slash behind it'],
    ['access_key', access_key ?? 'kept', KEY, 'must be the id of an access key'],
    ['secret_key', secret_key ?? 'kept', KEY, 'must be the secret of that key'],
  ] as const)
    if (typeof value !== 'string' || !pattern.test(value)) reader.problem(name, rule);
  return {
    ...{ endpoint: String(endpoint), region: String(region), bucket: String(bucket), prefix: String(prefix) },
    ...(typeof access_key === 'string' && { access_key }),
    ...(typeof secret_key === 'string' && { secret_key }),
  };
}

function text(reader: SettingsReader, name: string, pattern: RegExp, rule: string): string {
  const value = reader.take(name);
  if (typeof value === 'string' && pattern.test(value)) return value;
  reader.problem(name, rule);
  return '';
}

/** The shape only: what may be reached, and whether plain http may, is the egress port's to say. */
function isOrigin(value: unknown): boolean {
  if (typeof value !== 'string' || value.length > LONGEST_ENDPOINT || !URL.canParse(value)) return false;
  const url = new URL(value);
  return /^https?:$/.test(url.protocol) && url.username === '' && url.password === '' && value === url.origin;
}
