import { TocsinError } from '#libs/domain';
import type { ConnectorContext, DeliveryOutcome, FilePort } from '../connector.js';
import { bucketFolders } from './bucket-folders.js';
import { bucketOf, type SignedFileSettings } from './file-settings.js';

/** Where the files of a subscription go, and the folder of a channel there. */
export interface FilePlace {
  files: FilePort;
  folderOf(channelId: string): string[];
}

/** The bucket of the platform, or its folder at the exchange; undefined where the exchange has no folders. */
export function placeOf(
  platformId: string,
  settings: SignedFileSettings,
  { access_key = '', secret_key = '' }: Record<string, string>,
  context: ConnectorContext,
): FilePlace | undefined {
  const bucket = bucketOf(settings);
  if (bucket) {
    const files = bucketFolders(bucket, { access_key, secret_key }, platformId, context);
    return { files, folderOf: (channelId) => [channelId] };
  }
  const { files } = context;
  return files && { files, folderOf: (channelId) => [platformId, channelId] };
}

/** What it means for a delivery that a file could not be put. @throws what says nothing about the place */
export function outcomeOfFailure(thrown: unknown): DeliveryOutcome {
  if (!(thrown instanceof TocsinError) || thrown.family === 'fault') throw thrown;
  if (thrown.code === 'TOC_FILES_GONE') return { outcome: 'gone', detail: thrown.detail };
  const { retry_after_ms } = thrown.facts;
  return {
    ...{ outcome: 'unavailable', detail: thrown.detail },
    ...(typeof retry_after_ms === 'number' && { retryAfterMs: retry_after_ms }),
  };
}
