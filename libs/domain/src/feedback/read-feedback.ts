import { isReleasableText } from '../statement/releasable-text.js';
import { HARM_PATTERN } from '../statement/vocabulary.js';
import type { Feedback } from './feedback.js';
import {
  ACTIONS_TAKEN,
  CANNOT_REASONS,
  CONFIRMATIONS,
  DISPUTE_REASONS,
  EXPLOITATION_SCALES,
  EXPLOITATION_TECHNIQUES,
  EXPLOITATION_TRENDS,
  EXPLOITED_FEATURES,
  FEEDBACK_KINDS,
  MONTHLY_FIGURES,
  OPINION_REASONS,
  OPINIONS,
  REPORT_READERS,
  type FeedbackKind,
} from './vocabulary.js';

/** Longest text of an exploitation report. */
export const REPORT_TEXT_LIMIT = 2000;
/** Highest count of one item, and highest monthly figure. */
export const HIGHEST_COUNT = 1_000_000;
const HIGHEST_FIGURE = 1_000_000_000;
const HIGHEST_VERSION = 2_147_483_647;
const HOUR_MS = 3_600_000;
/** Longest window that one count may cover. */
const LONGEST_WINDOW_MS = 31 * 24 * HOUR_MS;

const CHANNEL = /^[a-z0-9][a-z0-9-]{0,62}$/;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WHOLE_HOUR = /^\d{4}-\d{2}-\d{2}T\d{2}:00:00(?:\.000)?Z$/;
const MONTH = /^20\d{2}-(?:0[1-9]|1[0-2])$/;
const LANGUAGE = /^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$/;

/** What one field must be: a check, and whether it may be absent. */
interface Field {
  is: (value: unknown, now: Date) => boolean;
  must: string;
  optional?: true;
}

function oneOf(words: readonly string[]): Field {
  return {
    is: (value) => typeof value === 'string' && words.includes(value),
    must: `must be one of ${words.join(', ')}`,
  };
}

function matching(pattern: RegExp, must: string): Field {
  return { is: (value) => typeof value === 'string' && pattern.test(value), must };
}

function upTo(most: number): Field {
  return {
    is: (value) => Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most,
    must: `must be a whole number from 1 to ${most}`,
  };
}

const ROW = {
  channel: matching(CHANNEL, 'must be the id of a channel'),
  row_id: matching(UUID, 'must be the id of a row'),
};
/** Whether a text is an hour of the calendar that has begun. */
function isPastHour(value: unknown, now: Date): boolean {
  if (typeof value !== 'string' || !WHOLE_HOUR.test(value)) return false;
  const time = Date.parse(value);
  // A day that is not in the calendar is taken for one of the next month.
  return time <= now.getTime() + HOUR_MS && new Date(time).toISOString().slice(0, 13) === value.slice(0, 13);
}

const HOUR: Field = {
  is: isPastHour,
  must: 'must be a whole hour of UTC that is not to come, as 2026-12-01T08:00:00Z',
};
const WINDOW = { from: HOUR, until: HOUR };

const FIGURES: Field = {
  is: (value) =>
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.keys(value).length > 0 &&
    Object.entries(value).every(
      ([name, figure]) =>
        (MONTHLY_FIGURES as readonly string[]).includes(name) &&
        Number.isSafeInteger(figure) &&
        Number(figure) >= 0 &&
        Number(figure) <= HIGHEST_FIGURE,
    ),
  must: `must name some of ${MONTHLY_FIGURES.join(', ')}, each a whole number from 0 to ${HIGHEST_FIGURE}`,
};

/** The fields of each kind beside `kind`; what is not here is refused. */
const FIELDS: Record<FeedbackKind, Record<string, Field>> = {
  sighting: { ...ROW, ...WINDOW, count: upTo(HIGHEST_COUNT) },
  opinion: { ...ROW, opinion: oneOf(OPINIONS), reason: { ...oneOf(OPINION_REASONS), optional: true } },
  dispute: { ...ROW, reason: oneOf(Object.keys(DISPUTE_REASONS)) },
  'action-taken': { ...ROW, ...WINDOW, action: oneOf(ACTIONS_TAKEN), count: upTo(HIGHEST_COUNT) },
  confirmation: {
    ...ROW,
    version: upTo(HIGHEST_VERSION),
    outcome: oneOf(CONFIRMATIONS),
    because: { ...oneOf(CANNOT_REASONS), optional: true },
  },
  'exploitation-report': {
    readers: {
      is: (value) =>
        Array.isArray(value) &&
        value.length > 0 &&
        new Set(value).size === value.length &&
        value.every((word) => (REPORT_READERS as readonly unknown[]).includes(word)),
      must: `must name ${REPORT_READERS.join(', ')} or one of them`,
    },
    harm: matching(HARM_PATTERN, 'must be tvec or csea, or one of these with finer words, as in tvec/recruitment'),
    feature: oneOf(EXPLOITED_FEATURES),
    technique: oneOf(EXPLOITATION_TECHNIQUES),
    scale: oneOf(EXPLOITATION_SCALES),
    trend: oneOf(EXPLOITATION_TRENDS),
    language: { ...matching(LANGUAGE, 'must be a language tag'), optional: true },
    named: { is: (value) => typeof value === 'boolean', must: 'must be true or false', optional: true },
    text: {
      is: (value) => isReleasableText(value) && value.length <= REPORT_TEXT_LIMIT,
      must: `must be a text of at most ${REPORT_TEXT_LIMIT} characters without control characters`,
      optional: true,
    },
  },
  'monthly-figures': {
    month: {
      is: (value, now) => typeof value === 'string' && MONTH.test(value) && value < now.toISOString().slice(0, 7),
      must: 'must be a month of UTC that has ended, as 2026-11',
    },
    figures: FIGURES,
  },
};

/** What the fields say together. */
function contradictions(kind: FeedbackKind, item: Record<string, unknown>): string[] {
  if (kind === 'confirmation' && (item.outcome === 'cannot') !== (item.because !== undefined))
    return ['because: goes with cannot, and only with it'];
  if (kind !== 'sighting' && kind !== 'action-taken') return [];
  const length = Date.parse(String(item.until)) - Date.parse(String(item.from));
  return length >= HOUR_MS && length <= LONGEST_WINDOW_MS ? [] : ['until: must be 1 hour to 31 days after from'];
}

/** What came of reading one item. */
export type FeedbackRead = { ok: true; feedback: Feedback } | { ok: false; problems: string[] };

/**
 * Reads one item as a platform wrote it.
 * @returns the answer, or every field that is wrong by its name, never its value
 */
export function readFeedback(given: unknown, now: Date): FeedbackRead {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { ok: false, problems: ['an item is a JSON object'] };
  const { kind, ...item } = given as Record<string, unknown>;
  const known = FEEDBACK_KINDS.find((word) => word === kind);
  if (!known) return { ok: false, problems: [`kind: must be one of ${FEEDBACK_KINDS.join(', ')}`] };
  const fields = FIELDS[known];
  const strangers = Object.keys(item).filter((name) => !Object.hasOwn(fields, name));
  const problems = strangers.length > 0 ? [`only these may be said: kind, ${Object.keys(fields).join(', ')}`] : [];
  for (const [name, { is, must, optional }] of Object.entries(fields)) {
    const value = item[name];
    if (value === undefined ? !optional : !is(value, now)) problems.push(`${name}: ${must}`);
  }
  if (problems.length === 0) problems.push(...contradictions(known, item));
  // Each field was checked by the table of its kind.
  return problems.length > 0 ? { ok: false, problems } : { ok: true, feedback: { kind: known, ...item } as Feedback };
}
