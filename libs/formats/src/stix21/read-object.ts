import { TocsinError, type RejectionCode } from '#libs/domain';
import type { Candidate, CandidateSignal, IgnoredItem, ReadItem, RejectedItem } from '../format.js';
import { confidenceOf, type Advisories } from './advisories.js';
import { readStatements, type Statements } from './extension.js';
import type { JsonSlice } from '../json/json-slicer.js';
import { signalsOfObservable } from './observables.js';
import { SIGNAL_PATTERN_TYPE, signalsOfIndicator, signalsOfPlainPattern } from './indicator-pattern.js';
import { kindOf, malformed, OBSERVABLE_TYPES, parseSlice, readStixObject, type StixObject } from './stix-object.js';
import type { Survey } from './survey.js';
import { asIsoTime, requiredTimeOf, timeOf, versionOf } from './times.js';

/** Pattern languages of STIX 2.1, section 10.9, apart from its own. */
const PATTERN_TYPES = new Set(['pcre', 'sigma', 'snort', 'suricata', 'yara']);

type Context = Pick<Survey, 'markings' | 'advisories'>;

/**
 * What one object of the document is. Total: what cannot be used becomes a rejected item.
 * @returns undefined for a report or grouping that declares an advisory
 */
export function itemOfSlice(slice: JsonSlice, context: Context): ReadItem | undefined {
  const position = slice.index;
  const advisory = itemOfAdvisory(position, context.advisories);
  if (advisory !== 'other') return advisory;
  try {
    const { value, media } = parseSlice(slice);
    if (media) {
      return {
        kind: 'forbidden',
        position,
        code: 'TOC_SUBMISSION_MEDIA',
        detail: 'media, or a data URI, is in the object',
      };
    }
    return itemOfObject(readStixObject(value, slice.end - slice.start), position, context);
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
    return rejectedFor(thrown, position);
  }
}

function itemOfAdvisory(position: number, advisories: Advisories): ReadItem | undefined | 'other' {
  const reading = advisories.readingAt(position);
  if (!reading) return 'other';
  if (reading.outcome === 'declared') return undefined;
  if (reading.outcome === 'superseded') return { kind: 'ignored', position, what: 'superseded-version' };
  return { kind: 'rejected', position, code: reading.code, detail: reading.detail };
}

function itemOfObject(object: StixObject, position: number, context: Context): ReadItem {
  if (object.type === 'indicator') return itemOfIndicator(object, position, context);
  if (OBSERVABLE_TYPES.has(object.type)) return itemOfObservable(object, position, context);
  return { kind: 'ignored', position, what: kindOf(object.type) };
}

function itemOfIndicator({ id, properties }: StixObject, position: number, context: Context): ReadItem {
  const { revoked = false } = properties;
  if (typeof revoked !== 'boolean') throw malformed('revoked: true or false was expected');
  const objectModified = versionOf(properties);
  const version = { objectRef: id, objectModified };
  if (revoked) return { kind: 'revocation', position, ...version };
  try {
    const item = itemOfLiveIndicator({ id, properties }, position, context);
    return { ...item, ...version };
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
    return { ...rejectedFor(thrown, position), ...version };
  }
}

function rejectedFor(error: TocsinError, position: number): RejectedItem {
  return { kind: 'rejected', position, code: error.code as RejectionCode, detail: error.detail };
}

function itemOfLiveIndicator(
  { id, properties }: Pick<StixObject, 'id' | 'properties'>,
  position: number,
  context: Context,
): Candidate | RejectedItem | IgnoredItem {
  const { pattern, pattern_type: patternType, indicator_types: types } = properties;
  // It says of its matches that they are harmless; to assert them would turn its meaning round.
  if (Array.isArray(types) && types.includes('benign'))
    return { kind: 'ignored', position, what: 'indicator-benign', harmless: true };
  if (typeof patternType !== 'string') throw malformed('pattern_type: text was expected');
  if (typeof pattern !== 'string') throw malformed('pattern: text was expected');
  const isPlain = patternType === SIGNAL_PATTERN_TYPE;
  if (patternType !== 'stix' && !isPlain) {
    return {
      kind: 'ignored',
      position,
      what: PATTERN_TYPES.has(patternType) ? `pattern-${patternType}` : 'pattern-other',
    };
  }
  const validUntil = timeOf(properties, 'valid_until');
  const standard = {
    ...confidenceOf(properties),
    validFrom: asIsoTime(requiredTimeOf(properties, 'valid_from')),
    ...(validUntil === undefined ? {} : { validUntil: asIsoTime(validUntil) }),
  };
  const statements = readStatements(properties, 'indicator', standard, context.markings.markingOf(properties));
  const signals = isPlain ? signalsOfPlainPattern(pattern) : signalsOfIndicator(pattern);
  return withAdvisories({ kind: 'candidate', position, signals }, id, statements, context);
}

/**
 * Observables have no versions and, with ids made from their values, no owner either: the same file has the same id
 * whoever says it (STIX 2.1, section 2.9). So none is given to the candidate.
 */
function itemOfObservable(object: StixObject, position: number, context: Context): ReadItem {
  const { id, type, properties } = object;
  const signals = signalsOfObservable(object);
  if (signals.length === 0) return { kind: 'ignored', position, what: kindOf(type) };
  const { revoked } = properties;
  if (revoked !== undefined && revoked !== false)
    throw malformed('revoked: an observable has no versions, so it cannot be revoked');
  const statements = readStatements(properties, 'observable', {}, context.markings.markingOf(properties));
  return withAdvisories({ kind: 'candidate', position, signals }, id, statements, context);
}

function withAdvisories(
  candidate: Candidate,
  id: string,
  { draft, pdqQuality }: Statements,
  { advisories }: Context,
): Candidate | RejectedItem {
  const { refs, rejected } = advisories.of(id);
  const { position } = candidate;
  if (rejected) {
    const detail = `object ${rejected.position}, a report or grouping that contains it, was rejected`;
    return { kind: 'rejected', position, code: rejected.code, detail };
  }
  if (refs.length > 0) candidate.advisoryRefs = refs;
  if (draft) candidate.draft = draft;
  if (pdqQuality !== undefined) giveQuality(candidate.signals, pdqQuality);
  return candidate;
}

function giveQuality(signals: CandidateSignal[], quality: number): void {
  for (const signal of signals) if (signal.type === 'pdq') signal.quality = quality;
}
