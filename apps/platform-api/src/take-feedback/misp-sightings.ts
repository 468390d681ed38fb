import type { GivenItem } from './feedback-taker.js';

const HOUR_S = 3_600;
const HOUR_MS = HOUR_S * 1_000;

/** What MISP adds to a sighting by itself (its core format, section on sightings). None of it is kept. */
const PASSED_OVER = new Set('id uuid type timestamp date_sighting source attribute_uuid value values'.split(' '));
/** Seconds beyond which a number is no date that `Date` can have. */
const LAST_SECOND = 8.64e12;

const isFields = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/**
 * Reads a sighting as MISP's `/sightings/add` takes it, or its events carry it, as an answer about a row: type 0 is one sighting in the
 * whole hour of `date_sighting` (or `timestamp`, in seconds), 1 (false positive) an opinion that disagrees, 2 (expiration) a neutral one, as
 * the row may have been right. The row is named by `uuid`, `id` or `attribute_uuid`, or by `named` in the path; a value is refused.
 * `source` is looked through like any text, and not kept.
 */
export function readMispSighting(given: unknown, channel: string, named: string | undefined, now: Date): GivenItem {
  const said = isFields(given) && isFields(given['Sighting']) ? given['Sighting'] : given;
  if (!isFields(said)) return { item: {}, problems: ['it is not a JSON object'] };
  const problems = Object.keys(said).some((name) => !PASSED_OVER.has(name))
    ? ['another property: it is not taken here']
    : [];
  for (const name of ['value', 'values'])
    if (said[name] !== undefined) problems.push(`${name}: a row is named by its id as uuid, not by its value`);
  const { type = '0', source = '' } = said;
  if (typeof source !== 'string') problems.push('source: text was expected');
  const about = { channel, row_id: named ?? said['attribute_uuid'] ?? said['uuid'] ?? said['id'] };
  const texts = typeof source === 'string' ? [source] : [];
  const at = said['date_sighting'] ?? said['timestamp'] ?? now.getTime() / 1_000;
  const seconds = typeof at === 'number' || (typeof at === 'string' && at.trim() !== '') ? Number(at) : Number.NaN;
  if (!(Math.abs(seconds) < LAST_SECOND))
    return { item: about, texts, problems: [...problems, 'date_sighting: seconds were expected'] };
  return { item: { ...about, ...saidBy(type, seconds) }, texts, problems };
}

/** MISP writes types as numbers or as text. */
function isType(given: unknown, type: number): boolean {
  return given === type || given === String(type);
}

/** Only whole hours are kept of when something was seen. */
function saidBy(type: unknown, seconds: number): Record<string, unknown> {
  const hour = Math.floor(seconds / HOUR_S) * HOUR_MS;
  if (isType(type, 0)) {
    const [from, until] = [hour, hour + HOUR_MS].map((time) => new Date(time).toISOString());
    return { kind: 'sighting', count: 1, from, until };
  }
  if (isType(type, 1)) return { kind: 'opinion', opinion: 'disagree' };
  if (isType(type, 2)) return { kind: 'opinion', opinion: 'neutral' };
  return { kind: '' };
}
