import { rejection, type TocsinError } from '#libs/domain';
import { readTimestamp } from './timestamps.js';

/** Which versions of an object are asked for (section 3.4.1, `match[version]`). */
export interface VersionsAsked {
  all: boolean;
  first: boolean;
  last: boolean;
  /** As {@link readTimestamp} gives them. */
  times: ReadonlySet<string>;
}

/** What is asked of a collection (section 3.4). Filters of different kinds all have to hold; absent ones do. */
export interface ObjectsAsked {
  /** Exclusive; as {@link readTimestamp} gives it. */
  addedAfter?: string;
  limit: number;
  next?: string;
  ids?: ReadonlySet<string>;
  types?: ReadonlySet<string>;
  specVersions?: ReadonlySet<string>;
  versions: VersionsAsked;
}

/** A query as Node's `querystring` reads it. */
export type RawQuery = Readonly<Record<string, unknown>>;

/** A limit where none is asked for, and the most that is given whatever is asked. */
export interface PageBounds {
  usual: number;
  most: number;
}

/** Most words of one filter. */
const MOST_WORDS = 500;
const KEYWORDS = ['all', 'first', 'last'] as const;

/**
 * Reads the query of a request for objects, a manifest, one object or its versions. What the standard does not name is
 * ignored. A limit above the bound is the bound; `next` may stand beside `added_after`, as it has to (section 3.5).
 * @throws a rejection `TOC_REQUEST_PARAMETER` that names the parameter, never its value
 */
export function readObjectsQuery(query: RawQuery, bounds: PageBounds): ObjectsAsked {
  const addedAfter = single(query, 'added_after');
  const limit = single(query, 'limit');
  const next = single(query, 'next');
  return {
    ...(addedAfter === undefined ? {} : { addedAfter: time(addedAfter, 'added_after') }),
    limit: limit === undefined ? bounds.usual : readLimit(limit, bounds.most),
    ...(next === undefined ? {} : { next }),
    ids: words(query, 'id', (word) => word.toLowerCase()),
    types: words(query, 'type'),
    specVersions: words(query, 'spec_version'),
    versions: readVersions(words(query, 'version')),
  };
}

/** Whether a version of an object that has only this one is among those asked for. */
export function asksForVersion({ all, first, last, times }: VersionsAsked, version: string): boolean {
  return all || first || last || times.has(version);
}

function readLimit(text: string, most: number): number {
  if (!/^\d{1,20}$/.test(text) || Number(text) < 1) throw wrong('limit', 'a whole number above zero was expected');
  return Math.min(Number(text), most);
}

function readVersions(asked: ReadonlySet<string> | undefined): VersionsAsked {
  if (!asked) return { all: false, first: false, last: true, times: new Set() };
  const has = (keyword: (typeof KEYWORDS)[number]): boolean => asked.has(keyword);
  if (has('all') && asked.size > 1) throw wrong('match[version]', '"all" stands alone');
  const times = [...asked].filter((word) => !KEYWORDS.some((keyword) => keyword === word));
  return {
    ...{ all: has('all'), first: has('first'), last: has('last') },
    times: new Set(times.map((word) => time(word, 'match[version]'))),
  };
}

function time(text: string, name: string): string {
  const read = readTimestamp(text);
  if (read === undefined) throw wrong(name, 'a timestamp was expected');
  return read;
}

function single(query: RawQuery, name: string): string | undefined {
  const value = query[name];
  if (value === undefined || value === '') return undefined;
  if (typeof value !== 'string') throw wrong(name, 'it may be said once');
  return value;
}

function words(
  query: RawQuery,
  field: string,
  spelled: (word: string) => string = (word) => word,
): ReadonlySet<string> | undefined {
  const name = `match[${field}]`;
  const value = query[name];
  if (value === undefined) return undefined;
  const all = (Array.isArray(value) ? value : [value]).flatMap((text) => String(text).split(','));
  const said = all.map((word) => spelled(word.trim())).filter((word) => word !== '');
  if (said.length > MOST_WORDS) throw wrong(name, `at most ${MOST_WORDS} values are looked for at once`);
  return said.length > 0 ? new Set(said) : undefined;
}

function wrong(name: string, why: string): TocsinError {
  return rejection('TOC_REQUEST_PARAMETER', `${name}: ${why}`, { parameter: name });
}
