import { rejection, type TocsinError } from '#libs/domain';
import { inspect } from '../json/forbidden-matter.js';
import type { JsonSlice } from '../json/json-slicer.js';
import { asVersion21 } from './version-20.js';

/** Longest object, in bytes. */
export const OBJECT_LIMIT = 1024 * 1024;
/** Longest report or grouping, whose references may be many. */
export const ADVISORY_LIMIT = 8 * 1024 * 1024;
/** What a list of objects without a bundle is refused with. */
export const BARE_LIST = 'this is a bare list; STIX objects are read in a bundle, or one by itself';
/** Most objects and arrays in an object beyond the bound; a parsed value of many needs tens of times its text. */
const MOST_CONTAINERS = 1000;

/** An object of which type, id and specification version are known to be right. */
export interface StixObject {
  type: string;
  /** In lower case. */
  id: string;
  properties: Record<string, unknown>;
}

const ID = /^([a-z][a-z0-9-]{0,249})--[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Cyber-observable objects, STIX 2.1 chapter 6. They have no versions, and may leave out the specification version. */
export const OBSERVABLE_TYPES: ReadonlySet<string> = new Set([
  ...['artifact', 'autonomous-system', 'directory', 'domain-name', 'email-addr', 'email-message', 'file', 'ipv4-addr'],
  ...['ipv6-addr', 'mac-addr', 'mutex', 'network-traffic', 'process', 'software', 'url', 'user-account'],
  ...['windows-registry-key', 'x509-certificate'],
]);

/** Domain, relationship and meta objects, STIX 2.1 chapters 4, 5 and 7. */
const OTHER_TYPES: ReadonlySet<string> = new Set([
  ...[
    'attack-pattern',
    'campaign',
    'course-of-action',
    'grouping',
    'identity',
    'incident',
    'indicator',
    'infrastructure',
  ],
  ...['intrusion-set', 'location', 'malware', 'malware-analysis', 'note', 'observed-data', 'opinion', 'report'],
  ...[
    'threat-actor',
    'tool',
    'vulnerability',
    'relationship',
    'sighting',
    'marking-definition',
    'extension-definition',
  ],
  'language-content',
]);

/** The kind under which an object is counted as ignored; kinds that producers invent are one. */
export function kindOf(type: string): string {
  return OBSERVABLE_TYPES.has(type) || OTHER_TYPES.has(type) ? type : 'custom-object';
}

/** The id in lower case, or undefined when it has not the shape `type--UUID` (STIX 2.1, section 2.9). */
export function readId(id: unknown): { id: string; type: string } | undefined {
  if (typeof id !== 'string') return undefined;
  const lower = id.toLowerCase();
  const type = ID.exec(lower)?.[1];
  return type === undefined ? undefined : { id: lower, type };
}

/** An object as parsed, before anything of it is believed. */
export interface ParsedSlice {
  value: unknown;
  media: boolean;
}

/**
 * Parses a slice and looks through it.
 * @throws a rejection of the item: too long, not JSON, or a key said twice
 */
export function parseSlice({ bytes, keys, containers }: JsonSlice): ParsedSlice {
  if (!bytes || (bytes.length > OBJECT_LIMIT && containers > MOST_CONTAINERS)) throw tooLong();
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw rejection('TOC_ITEM_MALFORMED', 'the object is not JSON');
  }
  const inspection = inspect(value);
  // Readers differ in which of two they believe; more keys in the text than in the value means one was said twice.
  if (inspection.keys < keys) throw rejection('TOC_ITEM_DUPLICATE_KEY', 'the object says one key twice');
  return { value, media: inspection.media };
}

/** The rejection of an object that is longer than its bound. */
export function tooLong(): TocsinError {
  return rejection('TOC_ITEM_TOO_LONG', `the object is longer than ${OBJECT_LIMIT} bytes`);
}

/**
 * Checks what every object of STIX has (STIX 2.1, section 3.1): type, id, specification version; objects of 2.0 are read
 * as what they are in 2.1.
 * @throws a rejection of the item
 */
export function readStixObject(value: unknown, byteLength: number): StixObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw malformed('it is not a JSON object');
  const properties = value as Record<string, unknown>;
  const { type, spec_version: version } = properties;
  if (typeof type !== 'string') throw malformed('type: text was expected');
  if (byteLength > OBJECT_LIMIT && type !== 'report' && type !== 'grouping') throw tooLong();
  const id = readId(properties['id']);
  if (!id) throw malformed('id: it has not the shape type--UUID');
  if (id.type !== type.toLowerCase()) throw malformed('id: it is of another type than the object');
  // Objects of STIX 2.0 do not say their version (STIX 2.1, section 3.2); observables need not.
  const isOlder = version === '2.0' || (version === undefined && !OBSERVABLE_TYPES.has(type));
  if (!isOlder && version !== undefined && version !== '2.1')
    throw malformed('spec_version: only 2.1 and 2.0 are read');
  return { type, id: id.id, properties: isOlder ? asVersion21(type, properties) : properties };
}

/** The rejection of an object that breaks a rule of the standard. */
export function malformed(detail: string): TocsinError {
  return rejection('TOC_ITEM_MALFORMED', detail);
}
