import { readTimestamp } from '#libs/taxii';
import { rowIdOf } from '#libs/stix';

/** Extension in which an opinion gives its reason, or a note says what a platform did (property extension). */
export const ANSWER_EXTENSION = 'extension-definition--655aa8fc-5610-4352-8da4-68312cb331a3';

/** Rows are found by the objects of so many generations. */
export const MOST_GENERATIONS = 32;
const HOUR_MS = 3_600_000;

/** Nothing that anybody reads; a tool adds it by itself. None of it is kept. */
const PASSED_OVER = new Set([
  ...['type', 'spec_version', 'id', 'created_by_ref', 'created', 'modified', 'revoked', 'lang', 'confidence'],
  ...['object_marking_refs', 'granular_markings', 'summary', 'extensions'],
]);
/** Texts are looked through, and not kept. */
const TEXTS = ['description', 'explanation', 'content', 'abstract'] as const;
/** What each type says, and how. */
const SAID = {
  sighting: ['sighting_of_ref', 'count', 'first_seen', 'last_seen'],
  opinion: ['opinion', 'object_refs'],
  note: ['object_refs'],
} as const;
type AnswerType = keyof typeof SAID;

/** An object of STIX as an answer about a row, not checked further. */
export interface StixAnswer {
  /** The object's own id and version, for its sender. */
  id?: string;
  version?: string;
  /** Id of the object that it is about. */
  about?: string;
  /** An item as {@link readFeedback} reads it, without its row. */
  item: Record<string, unknown>;
  /** Texts that must not say who anybody is. */
  texts: string[];
  /** What is wrong with it; properties by name, never by value. */
  problems: string[];
}

/** What is kept of an object's own id (STIX 2.1, section 2.9): a text of somebody's choosing would be kept too. */
const OBJECT_ID = /^[a-z][a-z0-9-]{2,30}--[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** Properties that are named when they are refused (STIX 2.1, section 3.2 and those of the objects); others could say anything. */
const REFUSED_BY_NAME = new Set(
  (
    'authors external_references labels observed_data_refs where_sighted_refs summary object_marking_refs ' +
    'granular_markings created_by_ref confidence lang revoked content abstract explanation description'
  ).split(' '),
);

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a sighting, an opinion or a note (STIX 2.1, sections 5.2, 4.14, 4.12) as an answer: a sighting counts over the whole hours
 * around what was seen, an opinion is one or, by its extension, a dispute, and a note is what its extension says. Properties that
 * have no place in an answer are refused: a user could be named in any of them.
 */
export function readStixAnswer(given: unknown): StixAnswer {
  if (!isFields(given)) return { item: {}, texts: [], problems: ['it is not a JSON object'] };
  const { type, id, modified, created } = given;
  const version = [modified, created].find((time) => typeof time === 'string');
  const own = {
    ...(typeof id === 'string' && OBJECT_ID.test(id) ? { id } : {}),
    ...(version !== undefined && readTimestamp(version) !== undefined ? { version } : {}),
  };
  if (typeof type !== 'string' || !Object.hasOwn(SAID, type))
    return { ...own, item: {}, texts: [], problems: ['type: sighting, opinion or note was expected'] };
  const said: readonly string[] = SAID[type as AnswerType];
  const texts: readonly string[] = TEXTS;
  const problems = Object.keys(given)
    .filter((name) => !PASSED_OVER.has(name) && !said.includes(name) && !texts.includes(name))
    .slice(0, 20)
    .map((name) => `${REFUSED_BY_NAME.has(name) ? name : 'another property'}: it is not taken here`);
  for (const name of TEXTS)
    if (!['string', 'undefined'].includes(typeof given[name])) problems.push(`${name}: text was expected`);
  const { refs, item } = READ[type as AnswerType](given);
  const about = refs.length === 1 && typeof refs[0] === 'string' ? refs[0] : undefined;
  if (about === undefined) problems.push('it is about one object at a time');
  const extension = isFields(given['extensions']) ? given['extensions'][ANSWER_EXTENSION] : undefined;
  const { extension_type: _, ...answer } = isFields(extension) ? extension : {};
  return {
    ...own,
    ...(about === undefined ? {} : { about }),
    item: withAnswer(item, answer),
    texts: TEXTS.map((name) => given[name]).filter((text) => typeof text === 'string'),
    problems,
  };
}

const READ: Record<AnswerType, (given: Record<string, unknown>) => { refs: unknown[]; item: Record<string, unknown> }> =
  {
    sighting: ({ sighting_of_ref: ref, count = 1, first_seen: first, last_seen: last = first }) => ({
      refs: [ref],
      item: { kind: 'sighting', count, from: wholeHour(first, 0), until: wholeHour(last, 1) },
    }),
    opinion: ({ opinion, object_refs: refs }) => ({
      refs: Array.isArray(refs) ? refs : [],
      item: { kind: 'opinion', opinion },
    }),
    // What it is follows from its extension alone.
    note: ({ object_refs: refs }) => ({ refs: Array.isArray(refs) ? refs : [], item: { kind: 'note' } }),
  };

/** An extension adds a reason, or makes a note, or an opinion, an answer of another kind. */
function withAnswer(item: Record<string, unknown>, answer: Record<string, unknown>): Record<string, unknown> {
  if (answer['kind'] === undefined || answer['kind'] === item['kind']) return { ...item, ...answer };
  const allowed = item['kind'] === 'note' ? ['action-taken', 'confirmation'] : ['dispute'];
  return item['kind'] !== 'sighting' && allowed.some((kind) => kind === answer['kind'])
    ? answer
    : { ...item, ...answer, kind: '' };
}

/** The hour in which something was seen begins, or ends so many hours later. */
function wholeHour(time: unknown, later: number): unknown {
  const read = typeof time === 'string' ? readTimestamp(time) : undefined;
  if (read === undefined) return time;
  const hour = Math.floor(Date.parse(read) / HOUR_MS) + later;
  return new Date(hour * HOUR_MS).toISOString();
}

/** Rows that an id of an object may be of, on a channel. */
export function rowsOfObject(id: string, channelId: string, generations = MOST_GENERATIONS): string[] {
  return Array.from({ length: generations }, (_, before) => rowIdOf(id.toLowerCase(), channelId, before + 1)).filter(
    (rowId) => rowId !== undefined,
  );
}
