import {
  BULLETIN_TEXT_LIMIT,
  CAVEAT_PATTERN,
  CEILINGS,
  CONTENT_CONTEXTS,
  CSEA_CLASSES,
  CSEA_VERIFICATIONS,
  HARM_PATTERN,
  isReleasableLine,
  isReleasableText,
  NATURES,
  ORIGIN_PATTERN,
  RECIPIENT_AUDIENCES,
  SEVERITIES,
  SURFACES,
  type Bulletin,
  type Ceiling,
  type Designation,
  type Marking,
  type StatementDraft,
  type UnlawfulIn,
} from '#libs/domain';
import { asIsoTime, readTimestamp } from './times.js';

/** What one extension says. */
export interface Said {
  draft: StatementDraft;
  marking: Partial<Marking>;
  bulletin?: Bulletin;
  pdqQuality?: number;
}

/** Writes the value of a field down. @returns whether the value is one that the field may have */
export type Field = (value: unknown, said: Said) => boolean;

type Read<Value> = (value: unknown) => Value | undefined;

const COUNTRY = /^[A-Z]{2}$/;
const LANGUAGE = /^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$/;
const DESK = /^[a-z0-9][a-z0-9-]{0,62}$/;
const DATE = /^\d{4}-\d{2}-\d{2}$/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function oneOf<Word extends string>(words: readonly Word[]): Read<Word> {
  return (value) => words.find((word) => word === value);
}

function matching(pattern: RegExp): Read<string> {
  return (value) => (typeof value === 'string' && pattern.test(value) ? value : undefined);
}

function text(most: number, isReleasable = isReleasableLine): Read<string> {
  return (value) => (isReleasable(value) && value.length <= most ? value : undefined);
}

function list<Value>(read: Read<Value>, least: number, most: number): Read<Value[]> {
  return (value) => {
    if (!Array.isArray(value) || value.length < least || value.length > most) return undefined;
    const parts = value.map(read);
    return parts.every((part) => part !== undefined) ? parts : undefined;
  };
}

/** An object with these parts and no others. */
function object<Value>(
  parts: { [Key in keyof Value]: Read<NonNullable<Value[Key]>> },
  optional: readonly (keyof Value)[],
): Read<Value> {
  const names = Object.keys(parts) as (keyof Value & string)[];
  return (value) => {
    if (!isRecord(value) || Object.keys(value).some((key) => !Object.hasOwn(parts, key))) return undefined;
    const result: Partial<Value> = {};
    for (const name of names) {
      if (value[name] === undefined && optional.includes(name)) continue;
      const part = parts[name](value[name]);
      if (part === undefined) return undefined;
      result[name] = part;
    }
    return result as Value;
  };
}

const percentage: Read<number> = (value) =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 100 ? value : undefined;

const time: Read<string> = (value) => {
  const moment = readTimestamp(value);
  return moment === undefined ? undefined : asIsoTime(moment);
};

const date: Read<string> = (value) =>
  typeof value === 'string' && DATE.test(value) && readTimestamp(`${value}T00:00:00Z`) !== undefined
    ? value
    : undefined;

const ceilings: Read<Record<string, Ceiling>> = (value) => {
  if (!isRecord(value)) return undefined;
  const read = oneOf(CEILINGS);
  const entries = Object.entries(value).map(([country, ceiling]) => [country, read(ceiling)] as const);
  const right = entries.filter(
    (entry): entry is readonly [string, Ceiling] => COUNTRY.test(entry[0]) && entry[1] !== undefined,
  );
  return right.length === entries.length && right.length > 0 ? Object.fromEntries(right) : undefined;
};

const designation = object<Designation>({ list: text(120), country: matching(COUNTRY), date }, ['date']);
const unlawful = object<UnlawfulIn>({ country: matching(COUNTRY), provision: text(200) }, []);

const entity: Read<NonNullable<StatementDraft['entity']>> = (value) => {
  const read = object<{ name: string; designations?: Designation[] }>(
    { name: text(200), designations: list(designation, 0, 20) },
    ['designations'],
  )(value);
  return read && { name: read.name, designations: read.designations ?? [] };
};

const bulletin: Read<Bulletin> = (value) => {
  const words = text(BULLETIN_TEXT_LIMIT, isReleasableText);
  const read = object<{ title: string; what_is_happening?: string; how_to_recognise?: string; what_to_do?: string }>(
    { title: text(300), what_is_happening: words, how_to_recognise: words, what_to_do: words },
    ['what_is_happening', 'how_to_recognise', 'what_to_do'],
  )(value);
  if (!read) return undefined;
  const { title, what_is_happening, how_to_recognise, what_to_do } = read;
  return { title, whatIsHappening: what_is_happening, howToRecognise: how_to_recognise, whatToDo: what_to_do };
};

function says<Value>(read: Read<Value>, write: (said: Said, value: Value) => void): Field {
  return (value, said) => {
    const result = read(value);
    if (result === undefined) return false;
    write(said, result);
    return true;
  };
}

function drafts<Key extends keyof StatementDraft>(key: Key, read: Read<NonNullable<StatementDraft[Key]>>): Field {
  return says(read, (said, value) => (said.draft[key] = value));
}

function marks<Key extends keyof Marking>(key: Key, read: Read<NonNullable<Marking[Key]>>): Field {
  return says(read, (said, value) => (said.marking[key] = value));
}

/** Fields that any object may carry. */
export const STATEMENT_FIELDS: Readonly<Record<string, Field>> = {
  harm: drafts('harms', list(matching(HARM_PATTERN), 1, 10)),
  context: drafts('context', oneOf(CONTENT_CONTEXTS)),
  csea_class: drafts('cseaClass', oneOf(CSEA_CLASSES)),
  csea_verification: drafts('cseaVerification', oneOf(CSEA_VERIFICATIONS)),
  entity: drafts('entity', entity),
  unlawful_in: drafts('unlawfulIn', list(unlawful, 0, 30)),
  severity: drafts('severity', oneOf(SEVERITIES)),
  ceiling: drafts('ceiling', oneOf(CEILINGS)),
  ceiling_by_country: drafts('ceilingByCountry', ceilings),
  legal_basis: drafts('legalBasis', text(300)),
  nature: drafts('nature', oneOf(NATURES)),
  origin: drafts('origin', matching(ORIGIN_PATTERN)),
  surface: drafts('surface', oneOf(SURFACES)),
  last_seen_live_at: drafts('lastSeenLiveAt', time),
  jurisdiction: drafts('jurisdiction', matching(COUNTRY)),
  language: drafts('language', matching(LANGUAGE)),
  contact_desk: drafts('contactDesk', matching(DESK)),
  releasable_to: marks('releasableTo', list(matching(COUNTRY), 1, 250)),
  caveats: marks('caveats', list(matching(CAVEAT_PATTERN), 0, 20)),
  audience: marks('audience', oneOf(RECIPIENT_AUDIENCES)),
};

/** Fields for objects that have no property of the standard for it. */
export const VALIDITY_FIELDS: Readonly<Record<string, Field>> = {
  valid_from: drafts('validFrom', time),
  valid_until: drafts('validUntil', time),
};
export const CONFIDENCE_FIELD: Readonly<Record<string, Field>> = { confidence: drafts('confidence', percentage) };
export const QUALITY_FIELD: Readonly<Record<string, Field>> = {
  pdq_quality: says(percentage, (said, value) => (said.pdqQuality = value)),
};
export const BULLETIN_FIELD: Readonly<Record<string, Field>> = {
  bulletin: says(bulletin, (said, value) => (said.bulletin = value)),
};
