import type { RejectionCode, StatementDraft, Tlp } from '#libs/domain';
import type { EmptiedVersion, ReadItem } from '../format.js';
import { isWidestDistribution } from '../list-values/words.js';
import { readValue } from '../list-values/read-value.js';
import { strictestLabel } from '../marking-tags/marking-tags.js';
import { kindOfType, signalTextOf } from './attribute-types.js';
import { expiryOf, joined, wordsOfTags, type TagWords } from './what-tags-say.js';

/** A JSON object. */
export type Fields = Record<string, unknown>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const SECONDS = /^\d{9,10}$/;
const EARLIEST = Date.UTC(1990, 0, 1);
const LATEST = Date.UTC(2100, 0, 1);
/** Takes the distribution of the object or event that contains it. */
const INHERITS = '5';

/** Whether a value that was parsed is a JSON object. */
export const isFields = (value: unknown): value is Fields =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);
const isTrue = (value: unknown): boolean => value === true || value === 1 || value === '1' || value === 'true';

/** What holds for everything that an event or object contains. */
interface Surroundings {
  tags: TagWords;
  /** As written; undefined where nothing is said. */
  distribution?: string;
  deleted: boolean;
}

/** The surroundings within something that is contained in them: tags add up, a distribution of its own replaces theirs. */
function within(outer: Surroundings, holder: Fields): Surroundings {
  const said = holder.distribution;
  const own = typeof said === 'string' || typeof said === 'number' ? String(said) : undefined;
  return {
    tags: joined(outer.tags, wordsOfTags(holder)),
    distribution: own === undefined || own === INHERITS ? outer.distribution : own,
    deleted: outer.deleted || isTrue(holder.deleted),
  };
}

function versionOf({ uuid, timestamp }: Fields): EmptiedVersion | undefined {
  if (typeof uuid !== 'string' || !UUID.test(uuid)) return undefined;
  const objectRef = `misp-attribute--${uuid.toLowerCase()}`;
  const seconds = typeof timestamp === 'number' ? String(timestamp) : timestamp;
  if (typeof seconds !== 'string' || !SECONDS.test(seconds)) return { objectRef };
  const time = Number(seconds) * 1000;
  return time < EARLIEST || time >= LATEST
    ? { objectRef }
    : { objectRef, objectModified: new Date(time).toISOString() };
}

function draftOf(tlp: Tlp | undefined, harms: string[], validUntil: string | undefined): { draft?: StatementDraft } {
  const draft: StatementDraft = {
    ...(harms.length > 0 ? { harms } : {}),
    ...(validUntil === undefined ? {} : { validUntil }),
    ...(tlp ? { marking: { tlp } } : {}),
  };
  return Object.keys(draft).length > 0 ? { draft } : {};
}

function itemOfAttribute(given: unknown, position: number, outer: Surroundings): ReadItem {
  const rejected = (code: RejectionCode, detail: string, version: EmptiedVersion = {}): ReadItem => ({
    ...{ kind: 'rejected', position, code, detail },
    ...version,
  });
  if (!isFields(given)) return rejected('TOC_ITEM_MALFORMED', 'the attribute is not a JSON object');
  const version = versionOf(given);
  if (!version?.objectRef) return rejected('TOC_ITEM_MALFORMED', 'uuid: a UUID was expected');
  const { tags, distribution, deleted } = within(outer, given);
  const { type, value, to_ids: toIds } = given;
  if (deleted) return { kind: 'revocation', position, ...version, objectRef: version.objectRef };
  if (typeof type !== 'string') return rejected('TOC_ITEM_MALFORMED', 'type: text was expected', version);
  if (typeof value !== 'string') return rejected('TOC_ITEM_MALFORMED', 'value: text was expected', version);
  const text = signalTextOf(type, value);
  if (!text) return { kind: 'ignored', position, what: kindOfType(type), ...version };
  if (!isTrue(toIds)) return { kind: 'ignored', position, what: 'not-for-detection', ...version };
  const tlp = strictestLabel(tags.tlp);
  if (tlp === 'unknown' || tags.isMarkedOtherwise)
    return rejected('TOC_ITEM_MARKING', 'it has a marking that is not known, so nobody may receive it', version);
  if (distribution !== undefined && !isWidestDistribution(distribution))
    return rejected('TOC_ITEM_MARKING', 'its distribution is limited to some of a MISP community', version);
  const reading = readValue(text.text, text.type);
  if (reading.outcome === 'rejected') return rejected(reading.code, reading.detail, version);
  if (reading.outcome === 'ignored') return { kind: 'ignored', position, what: reading.what, ...version };
  return {
    ...{ kind: 'candidate', position, signals: [reading.signal] },
    ...version,
    ...draftOf(tlp, tags.harms, expiryOf(given)),
  };
}

/** Attributes of an event with what surrounds them, in the order of the document: its own, then those of its objects. */
function* attributesOf(event: Fields): Iterable<{ attribute: unknown; outer: Surroundings }> {
  const outer = within({ tags: { tlp: [], isMarkedOtherwise: false, harms: [] }, deleted: false }, event);
  for (const attribute of listOf(event.Attribute)) yield { attribute, outer };
  for (const object of listOf(event.Object)) {
    if (!isFields(object)) yield { attribute: undefined, outer };
    else {
      const inner = within(outer, object);
      for (const attribute of listOf(object.Attribute)) yield { attribute, outer: inner };
    }
  }
}

/** Whether an attribute of the event carries a file (`data`, base64 of an attachment or sample). */
export function carriesFile(event: Fields): boolean {
  for (const { attribute } of attributesOf(event))
    if (isFields(attribute) && typeof attribute.data === 'string' && attribute.data !== '') return true;
  return false;
}

/**
 * Everything that an event says, one item for each attribute.
 * @param event what stands under `Event`
 * @param before last position before it
 */
export function* itemsOfEvent(event: Fields, before: number): Iterable<ReadItem> {
  let position = before;
  for (const { attribute, outer } of attributesOf(event)) {
    position += 1;
    yield itemOfAttribute(attribute, position, outer);
  }
  for (const kind of ['EventReport', 'ShadowAttribute'] as const) {
    for (const _entry of listOf(event[kind])) {
      position += 1;
      yield { kind: 'ignored', position, what: kind === 'EventReport' ? 'event-report' : 'proposal' };
    }
  }
}
