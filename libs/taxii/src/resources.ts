import { STIX_MEDIA_TYPE, TAXII_MEDIA_TYPE } from './media-types.js';

/** What a server is, and where its API roots are (section 4.1.1). */
export interface Discovery {
  title: string;
  description?: string;
  contact?: string;
  default?: string;
  api_roots?: string[];
}

/** One API root (section 4.2.1). */
export interface ApiRoot {
  title: string;
  description?: string;
  versions: string[];
  /** Most bytes of a body that is sent there. */
  max_content_length: number;
}

/** One collection (section 5.2.1). */
export interface Collection {
  id: string;
  title: string;
  description?: string;
  /** A word by which the collection can be asked for in place of its id. */
  alias?: string;
  can_read: boolean;
  can_write: boolean;
  media_types: string[];
}

/** An object's entry in a manifest (section 5.3.1). */
export interface ManifestRecord {
  id: string;
  date_added: string;
  version: string;
  media_type: string;
}

/** An error (section 3.6.1). */
export interface ErrorMessage {
  title: string;
  description?: string;
  error_id?: string;
  error_code?: string;
  /** As text. */
  http_status?: string;
  details?: Record<string, unknown>;
}

/** Whether there is more, and where: common to envelopes, manifests and versions. */
export interface PageEnd {
  more: boolean;
  next?: string;
}

export function discovery(about: Pick<Discovery, 'title' | 'description' | 'contact'>, roots: string[]): Discovery {
  return { ...about, ...(roots.length > 0 ? { default: roots[0], api_roots: roots } : {}) };
}

export function apiRoot(about: Omit<ApiRoot, 'versions'>): ApiRoot {
  return { ...about, versions: [TAXII_MEDIA_TYPE] };
}

export function collection(about: Omit<Collection, 'media_types'>): Collection {
  return { ...about, media_types: [STIX_MEDIA_TYPE] };
}

/** Empty lists are prohibited (chapter 2): a key without members is left out. */
export function collections(all: readonly Collection[]): { collections?: readonly Collection[] } {
  return all.length > 0 ? { collections: all } : {};
}

/**
 * An envelope (section 3.7) of objects that are JSON text already.
 * @returns JSON text
 */
export function envelopeText(objects: readonly string[], { more, next }: PageEnd): string {
  const members = [
    ...(more ? ['"more":true'] : []),
    ...(more && next !== undefined ? [`"next":${JSON.stringify(next)}`] : []),
    ...(objects.length > 0 ? [`"objects":[${objects.join(',')}]`] : []),
  ];
  return `{${members.join(',')}}`;
}

export function manifestRecord({ id, date_added, version }: Omit<ManifestRecord, 'media_type'>): ManifestRecord {
  return { id, date_added, version, media_type: STIX_MEDIA_TYPE };
}

/** A manifest (section 5.3.1) as JSON text. */
export function manifestText(records: readonly ManifestRecord[], end: PageEnd): string {
  return envelopeText(
    records.map((record) => JSON.stringify(record)),
    end,
  );
}

/** Versions of one object (section 5.8.1), newest last. */
export function versions(all: readonly string[], { more, next }: PageEnd): object {
  return {
    ...(more ? { more, ...(next === undefined ? {} : { next }) } : {}),
    ...(all.length > 0 ? { versions: all } : {}),
  };
}

/** First and last `date_added` of what is given (section 3.2); none where nothing is. */
export function dateHeaders(first: string | undefined, last: string | undefined): Record<string, string> {
  return {
    ...(first === undefined ? {} : { 'X-TAXII-Date-Added-First': first }),
    ...(last === undefined ? {} : { 'X-TAXII-Date-Added-Last': last }),
  };
}

export function errorMessage(about: Omit<ErrorMessage, 'http_status'>, status: number): ErrorMessage {
  return { ...about, http_status: String(status) };
}

/** One object of a request that added some (section 4.3.1). */
export interface StatusDetail {
  id: string;
  version: string;
  message?: string;
}

/** What became of a request that added objects (section 4.3.1). */
export interface Status {
  id: string;
  status: 'complete' | 'pending';
  request_timestamp: string;
  total_count: number;
  success_count: number;
  successes?: StatusDetail[];
  failure_count: number;
  failures?: StatusDetail[];
  pending_count: number;
  pendings?: StatusDetail[];
}

/** How many objects ended how, and which, as far as they are listed. */
export interface StatusFacts {
  id: string;
  requestedAt: string;
  total: number;
  failed: number;
  pending: number;
  listed?: { successes: StatusDetail[]; failures: StatusDetail[]; pendings: StatusDetail[] };
}

/** A status is pending for as long as one object is. */
export function status({ id, requestedAt, total, failed, pending, listed }: StatusFacts): Status {
  const list = (name: 'successes' | 'failures' | 'pendings'): Partial<Status> =>
    listed && listed[name].length > 0 ? { [name]: listed[name] } : {};
  return {
    ...{ id, status: pending > 0 ? 'pending' : 'complete', request_timestamp: requestedAt, total_count: total },
    ...{ success_count: total - failed - pending, ...list('successes') },
    ...{ failure_count: failed, ...list('failures') },
    ...{ pending_count: pending, ...list('pendings') },
  };
}
