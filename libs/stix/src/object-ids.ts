import { createHash } from 'node:crypto';

/** What a row is about decides of which type its object is. */
export type ObjectType = 'indicator' | 'report';

const UUID_BYTES = 16;
/** Namespaces of ids made here (minted for Tocsin; not that of STIX, which is for observables alone). */
const OBJECTS = 'd758b44c-76f7-44b3-b0d4-d965f65807d1';
const COLLECTIONS = 'ef4b12b6-783b-4d53-a111-9d06238c6e62';
const IDENTITIES = '39af1921-3616-4718-9115-7afb483f44dd';
/** Where a UUID says its version and its variant. */
const VERSION_BYTE = 6;
const VARIANT_BYTE = 8;

/**
 * The id of a row's object in one generation: revocation is permanent in STIX, so a row that lives again is another
 * object. The bits of the row's id, hidden under a mask of channel and generation, so that {@link rowIdOf} finds the row
 * again without an index; the version number of the UUID is 5, since validators know none above.
 * @param rowId a UUID of version 8
 */
export function objectId(type: ObjectType, channelId: string, rowId: string, generation: number): string {
  return `${type}--${masked(rowId, channelId, generation, 5)}`;
}

/** The row whose object in this generation has this id; undefined for what is no id of a row's object. */
export function rowIdOf(id: string, channelId: string, generation: number): string | undefined {
  const [, uuid] =
    /^(?:indicator|report)--([0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})$/.exec(id) ?? [];
  return uuid && masked(uuid, channelId, generation, 8);
}

const MOST_MASKS = 20_000;
const masks = new Map<string, Buffer>();

/** Of a channel in a generation; few are asked for, over and over. */
function maskOf(channelId: string, generation: number): Buffer {
  const name = `${OBJECTS}/${generation}/${channelId}`;
  const known = masks.get(name);
  if (known) return known;
  if (masks.size >= MOST_MASKS) masks.clear();
  const mask = createHash('sha256').update(name).digest();
  masks.set(name, mask);
  return mask;
}

function masked(uuid: string, channelId: string, generation: number, version: number): string {
  const mask = maskOf(channelId, generation);
  const bytes = Buffer.from(uuid.replaceAll('-', ''), 'hex').map((byte, at) => byte ^ (mask[at] ?? 0));
  return asUuid(bytes, version);
}

/** A channel's id as a collection, which has to be a UUID. */
export function collectionId(channelId: string): string {
  return named(COLLECTIONS, channelId);
}

/** Id of the identity of an organisation, or of the exchange by its name. */
export function identityId(of: string): string {
  return `identity--${named(IDENTITIES, of)}`;
}

function named(namespace: string, name: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(namespace.replaceAll('-', ''), 'hex'))
    .update(name)
    .digest();
  return asUuid(bytes.subarray(0, UUID_BYTES), 5);
}

function asUuid(bytes: Uint8Array, version: number): string {
  bytes[VERSION_BYTE] = ((bytes[VERSION_BYTE] ?? 0) & 0x0f) | (version << 4);
  bytes[VARIANT_BYTE] = ((bytes[VARIANT_BYTE] ?? 0) & 0x3f) | 0x80;
  const hex = Buffer.from(bytes).toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
