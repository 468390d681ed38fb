import { createHash } from 'node:crypto';
import { v5 } from 'uuid';
import { SourceProblem, type SourceKind } from './source.js';

const ACCEPT = 'application/taxii+json;version=2.1';
const PAGE = 1000;
const MOST_PAGES = 10_000;
/** Minted for ids of the bundles into which pages are put. */
const BUNDLE_NAMESPACE = 'c1f3f1f4-3f0c-4a63-9a57-0f8f4f1f6f1d';

interface Envelope {
  more: boolean;
  next?: string;
  objects: unknown[];
}

function readEnvelope(body: Buffer): Envelope {
  let value: unknown;
  try {
    value = JSON.parse(body.toString('utf8'));
  } catch {
    throw new SourceProblem('the answer is no TAXII envelope');
  }
  if (typeof value !== 'object' || value === null) throw new SourceProblem('the answer is no TAXII envelope');
  const { more, next, objects } = value as Record<string, unknown>;
  return {
    more: more === true,
    ...(typeof next === 'string' ? { next } : {}),
    objects: Array.isArray(objects) ? objects : [],
  };
}

/** Pages of objects as bundles of STIX; the same page is the same document. */
function bundleOf(objects: readonly unknown[]): Buffer {
  const text = JSON.stringify(objects);
  const id = v5(createHash('sha256').update(text).digest('hex'), BUNDLE_NAMESPACE);
  return Buffer.from(`{"type":"bundle","id":"bundle--${id}","objects":${text}}`);
}

/**
 * A collection of a TAXII 2.1 server, `url` is that of its objects (`…/collections/ID/objects/`). What was added since the
 * last object is asked for, page by page (section 5.4 and 3.5): by `next` where the server gives one, otherwise by the time
 * of the last object.
 */
export const taxii21Source: SourceKind = {
  kind: 'taxii21',
  needs: ['url'],

  async *collect({ url = '', authorization }, checkpoint, { get }) {
    let addedAfter = typeof checkpoint === 'string' ? checkpoint : undefined;
    let next: string | undefined;
    let asked = addedAfter;
    for (let page = 0; page < MOST_PAGES; page += 1) {
      const target = new URL(url);
      target.searchParams.set('limit', String(PAGE));
      if (asked !== undefined) target.searchParams.set('added_after', asked);
      if (next !== undefined) target.searchParams.set('next', next);
      const headers = { accept: ACCEPT, ...(authorization ? { authorization } : {}) };
      const answer = await get(target.href, headers, [200]);
      const envelope = readEnvelope(answer.body);
      const last = answer.headers.get('x-taxii-date-added-last') ?? undefined;
      if (envelope.objects.length > 0) {
        addedAfter = last ?? addedAfter;
        yield {
          name: `${url}, page ${page + 1}`,
          bytes: bundleOf(envelope.objects),
          format: 'stix21',
          checkpoint: addedAfter ?? null,
        };
      }
      if (!envelope.more) return;
      next = envelope.next;
      if (next !== undefined) continue;
      if (last === undefined || last === asked) throw new SourceProblem('the server has more, and does not say where');
      asked = last;
    }
  },
};
