import type { SourceKind } from './source.js';

interface Seen {
  etag?: string;
  modified?: string;
}

const isSeen = (value: unknown): value is Seen => typeof value === 'object' && value !== null;

/** One document at an address, such as a feed of alerts: handed over whenever it changes (ETag, Last-Modified). */
export const documentSource: SourceKind = {
  kind: 'document',
  needs: ['url'],

  async *collect({ url = '', authorization }, checkpoint, { get }) {
    const seen = isSeen(checkpoint) ? checkpoint : {};
    const headers = {
      ...(authorization ? { authorization } : {}),
      ...(seen.etag ? { 'if-none-match': seen.etag } : {}),
      ...(seen.modified ? { 'if-modified-since': seen.modified } : {}),
    };
    const answer = await get(url, headers, [200, 304]);
    if (answer.status === 304) return;
    const etag = answer.headers.get('etag') ?? undefined;
    const modified = answer.headers.get('last-modified') ?? undefined;
    yield { name: url, bytes: answer.body, checkpoint: { etag, modified } };
  },
};
