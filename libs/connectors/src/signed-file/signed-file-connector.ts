import { RETRACTION_REASONS, rejection, TocsinError } from '#libs/domain';
import type {
  ConnectorContext,
  DeliveryOutcome,
  FileFound,
  OutgoingBatch,
  PublicKeysShown,
  SendingConnector,
} from '../connector.js';
import { bucketFolders } from './bucket-folders.js';
import { outcomeOfFailure, placeOf } from './file-place.js';
import {
  bucketOf,
  readBucketKeys,
  readFileSettings,
  type BucketKeys,
  type SignedFileSettings,
} from './file-settings.js';
import { fullFiles } from './full-files.js';
import { signedFiles } from './signed-files.js';

const LIMITS = { records: 500, bytes: 5_000_000 };
/** Content that waits longer for a connection is looked at anew before it leaves; withdrawals may always go. */
const CONTENT_START_MS = 3_000;
/** Somebody waits for the answer while a bucket is proved. */
const PROOF_MS = 30_000;

/**
 * Puts signed files into a folder of the platform's own at the exchange, from where it takes them as the two have agreed (over SFTP, on a
 * share, by a carrier), or into a bucket of the platform. What is sent is what is in its place whole.
 */
export const signedFile: SendingConnector<SignedFileSettings> = {
  id: 'signed-file',
  title: 'Signed files (a folder of the platform’s own, or its bucket)',
  carries: { ceiling: true, drill: true },
  onePerPlatform: true,
  batch: LIMITS,
  daily: fullFiles,
  readSettings: readFileSettings,

  /** Who may read a folder at the exchange is the operator's to see to; a bucket takes a file, or is none of theirs. */
  async register(platformId, given, context) {
    const { access_key, secret_key, ...settings } = given;
    if (!bucketOf(settings)) return { settings, secrets: {}, handOver: { folder: platformId, ...keysShown(context) } };
    const secrets = readBucketKeys({
      ...(access_key !== undefined && { access_key }),
      ...(secret_key !== undefined && { secret_key }),
    });
    await proveBucket(platformId, settings, secrets, context);
    return { settings, secrets: { ...secrets }, handOver: keysShown(context) };
  },

  publicKeys: (_settings, context) => keysShown(context),

  /** Keys of a bucket are the platform's to make: it says the new ones, and takes the old ones away when it likes. */
  async rekey(settings, given, context) {
    const secrets = readBucketKeys(given);
    await proveBucket('', settings, secrets, context);
    return { secrets: { ...secrets }, handOver: keysShown(context) };
  },

  async deliver(batch, settings, secrets, context): Promise<DeliveryOutcome> {
    const bytes = batch.records.reduce((sum, { body }) => sum + Buffer.byteLength(body) + 1, 0);
    const sent = { records: batch.records.length, bytes };
    if (sent.records > LIMITS.records || sent.bytes > LIMITS.bytes)
      return { outcome: 'refused', detail: 'The batch is larger than one file holds.', evidence: sent };
    const place = placeOf(batch.platformId, settings, secrets, context);
    if (!place) return { outcome: 'unavailable', detail: 'No folder for files is configured.' };
    const started = context.now().getTime();
    const files = signedFiles(batch, context.signing);
    const startWithinMs = batch.records.some(({ kind }) => kind === 'row') ? CONTENT_START_MS : undefined;
    try {
      for (const file of files)
        await place.files.put(place.folderOf(batch.channelId), file.name, file.bytes, startWithinMs);
    } catch (thrown) {
      return outcomeOfFailure(thrown);
    }
    const file = files[0]?.name ?? '';
    const took = { duration_ms: context.now().getTime() - started };
    return { outcome: 'sent', evidence: { ...sent, ...withdrawnIn(batch), file, ...took } };
  },
};

/** How many of the records end a row, and since when the platform may owe an answer to the first of them. */
function withdrawnIn({ records }: OutgoingBatch): Record<string, number | string> {
  const ends = records.filter(({ kind }) => kind === 'withdrawal').map(({ body }) => readEnd(body));
  const first = (those: typeof ends): string | undefined => those.map(({ at }) => at).sort()[0];
  const [withdrawal, error] = [first(ends), first(ends.filter(({ isError }) => isError))];
  return {
    withdrawn: ends.length,
    ...(withdrawal !== undefined && { first_withdrawal: withdrawal }),
    ...(error !== undefined && { first_error: error }),
  };
}

function readEnd(body: string): { at: string; isError: boolean } {
  const { published_at, retraction_reason } = JSON.parse(body) as Record<string, unknown>;
  const reason = Object.entries(RETRACTION_REASONS).find(([word]) => word === retraction_reason)?.[1];
  return { at: typeof published_at === 'string' ? published_at : '', isError: reason?.error ?? false };
}

/**
 * Puts a small file into the bucket, lists it and takes it away again: what deliveries need.
 * @throws a rejection `TOC_CONNECTOR_CHALLENGE`, `TOC_CONNECTOR_EGRESS`, or `TOC_CONNECTOR_SETTINGS` where there is no bucket
 */
async function proveBucket(
  platformId: string,
  settings: SignedFileSettings,
  keys: BucketKeys,
  context: ConnectorContext,
): Promise<void> {
  const bucket = bucketOf(settings);
  if (!bucket)
    throw rejection('TOC_CONNECTOR_SETTINGS', 'This subscription has no bucket.', {
      problems: ['bucket: is not what this subscription has'],
    });
  const files = bucketFolders(bucket, keys, platformId, context, PROOF_MS);
  const folder = ['registration'];
  const name = `${context.randomBytes(8).toString('hex')}.json`;
  try {
    await files.put(folder, name, Buffer.from('{"type":"tocsin.registration"}\n'));
    if (!(await isListed(files.list(folder), name)))
      throw rejection('TOC_CONNECTOR_CHALLENGE', 'The bucket does not list what was put there.');
    await files.remove(folder, name);
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family === 'fault' || thrown.code === 'TOC_CONNECTOR_EGRESS')
      throw thrown;
    throw rejection('TOC_CONNECTOR_CHALLENGE', thrown.detail);
  }
}

async function isListed(found: AsyncIterable<FileFound>, name: string): Promise<boolean> {
  for await (const file of found) if (file.name === name) return true;
  return false;
}

function keysShown({ signing }: Pick<ConnectorContext, 'signing'>): PublicKeysShown {
  const keys = signing.publicKeys();
  return {
    public_keys: keys.map(({ raw }) => `whpk_${raw.toString('base64')}`),
    public_key_ids: keys.map(({ keyId }) => keyId),
  };
}
