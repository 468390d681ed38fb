import { HARM_PATTERN } from '#libs/domain';
import { markingOfTags, type TagMarking } from '../marking-tags/marking-tags.js';

/** What the tags and galaxies of something say that matters here. */
export interface TagWords extends TagMarking {
  harms: string[];
}

type Fields = Record<string, unknown>;

const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const textOf = (value: unknown): string[] => (typeof value === 'string' ? [value] : []);

const MACHINE_TAG = /^([a-z0-9_-]+):([a-z0-9_-]+)="([^"]{1,200})"$/i;
/** Words of MISP's taxonomies and galaxies that name a harm; the exchange has a taxonomy of its own, `tocsin:harm`. */
const HARMS: Readonly<Record<string, (value: string) => string | undefined>> = {
  'dark-web:topic': (value) => ({ 'child-sexual-abuse-material': 'csea', extremism: 'tvec' })[value],
  'misp-galaxy:terrorist-groups': () => 'tvec',
  'tocsin:harm': (value) => (HARM_PATTERN.test(value) ? value : undefined),
};

/** Names of tags: its own, and those of the clusters of its galaxies. */
function namesOf(holder: Fields): string[] {
  const tags = listOf(holder.Tag).flatMap((tag) => (isFields(tag) ? textOf(tag.name) : []));
  const clusters = listOf(holder.Galaxy).flatMap((galaxy) => (isFields(galaxy) ? listOf(galaxy.GalaxyCluster) : []));
  return [...tags, ...clusters.flatMap((cluster) => (isFields(cluster) ? textOf(cluster.tag_name) : []))];
}

function harmsIn(name: string): string[] {
  const [, namespace = '', predicate = '', value = ''] = MACHINE_TAG.exec(name.trim()) ?? [];
  const key = `${namespace}:${predicate}`.toLowerCase();
  const harm = Object.hasOwn(HARMS, key) ? HARMS[key]?.(value.toLowerCase()) : undefined;
  return harm === undefined ? [] : [harm];
}

/** Reads the tags and galaxies of an event, object or attribute. */
export function wordsOfTags(holder: Fields): TagWords {
  const names = namesOf(holder);
  return { ...markingOfTags(names), harms: names.flatMap(harmsIn) };
}

/** What both say: labels and harms add up. */
export function joined(outer: TagWords, inner: TagWords): TagWords {
  return {
    tlp: [...outer.tlp, ...inner.tlp],
    isMarkedOtherwise: outer.isMarkedOtherwise || inner.isMarkedOtherwise,
    harms: [...new Set([...outer.harms, ...inner.harms])],
  };
}

const EXPIRED = '2';

/**
 * When an attribute was said to have expired: the earliest sighting of that type (2), as ISO 8601. Who said so is not asked,
 * since the event comes from the agency that vouches for it.
 */
export function expiryOf({ Sighting: sightings }: Fields): string | undefined {
  const times = listOf(sightings).flatMap((sighting) => {
    if (!isFields(sighting) || String(sighting.type) !== EXPIRED) return [];
    const seconds = Number(sighting.date_sighting);
    return Number.isSafeInteger(seconds) && seconds > 0 && seconds < 4_102_444_800 ? [seconds * 1000] : [];
  });
  return times.length === 0 ? undefined : new Date(Math.min(...times)).toISOString();
}
