import type { DisputeReason } from '../feedback/index.js';
import { isReleasableLine } from '../statement/releasable-text.js';
import { canonicalise, hashUrl, type SignalType } from '../signal-types/index.js';

/** What somebody outside is to what he challenges. */
export const CHALLENGE_ROLES = ['owner', 'author', 'archive', 'newsroom', 'other'] as const;
export type ChallengeRole = (typeof CHALLENGE_ROLES)[number];

/** Why somebody outside challenges it; a dispute has the same. */
export const CHALLENGE_REASONS = [
  'news-or-public-interest',
  'documentation',
  'academic-or-counter-speech',
  'wrong-match',
  'lawful-here',
] as const satisfies readonly DisputeReason[];
export type ChallengeReason = (typeof CHALLENGE_REASONS)[number];

/** Longest sentence of a challenge, in characters. */
export const CHALLENGE_SENTENCE_LIMIT = 500;

/** A signal that may be what is challenged. */
export interface ChallengedSignal {
  type: SignalType;
  value: string;
}

/** Somebody without an account says that it is wrong, should it be listed. Nobody is told whether it is. */
export interface Challenge {
  /** All signals by which the address, host or digest may be listed, in canonical form. */
  signals: ChallengedSignal[];
  role: ChallengeRole;
  reason: ChallengeReason;
  /** One line, which reviewers read. */
  sentence?: string;
}

/** Digests by their number of hexadecimal digits. */
const DIGESTS: Readonly<Record<number, readonly SignalType[]>> = {
  32: ['md5'],
  40: ['sha1'],
  64: ['sha256', 'url-sha256'],
  128: ['sha512'],
};

/** What came of reading a challenge. */
export type ChallengeRead = { ok: true; challenge: Challenge } | { ok: false; problems: string[] };

/** What an address, a host or a digest may be listed as; none when it is none of them. */
function signalsOf(item: string): ChallengedSignal[] {
  const asType = (type: SignalType, value: string): ChallengedSignal[] => {
    const canonical = canonicalise(type, value);
    return canonical.ok ? [{ type, value: canonical.value }] : [];
  };
  const text = item.trim();
  if (/^[0-9a-fA-F]+$/.test(text)) return (DIGESTS[text.length] ?? []).flatMap((type) => asType(type, text));
  if (!/^https?:\/\//i.test(text)) return asType('domain', text);
  const rest = text.replace(/^https?:\/\//i, '');
  return ['https://', 'http://'].flatMap((scheme) => {
    const [url] = asType('url', `${scheme}${rest}`);
    return url ? [url, ...asType('url-sha256', hashUrl(url.value))] : [];
  });
}

const FIELDS = ['item', 'role', 'reason', 'sentence'];

/**
 * Reads what somebody outside wrote. Nothing in it depends on what is listed.
 * @returns the challenge, or every field that is wrong by its name, never its value
 */
export function readChallenge(given: unknown): ChallengeRead {
  if (typeof given !== 'object' || given === null || Array.isArray(given))
    return { ok: false, problems: ['a challenge is a JSON object'] };
  const { item, role, reason, sentence, ...others } = given as Record<string, unknown>;
  const problems = Object.keys(others).length > 0 ? [`only these may be said: ${FIELDS.join(', ')}`] : [];
  const signals = typeof item === 'string' ? signalsOf(item) : [];
  const knownRole = CHALLENGE_ROLES.find((word) => word === role);
  const knownReason = CHALLENGE_REASONS.find((word) => word === reason);
  if (signals.length === 0)
    problems.push(
      'item: must be an address (https://…), a host name, or an MD5, SHA-1, SHA-256 or SHA-512 in hexadecimal',
    );
  if (!knownRole) problems.push(`role: must be one of ${CHALLENGE_ROLES.join(', ')}`);
  if (!knownReason) problems.push(`reason: must be one of ${CHALLENGE_REASONS.join(', ')}`);
  const isSaid = sentence !== undefined && sentence !== '';
  if (isSaid && !(isReleasableLine(sentence) && sentence.length <= CHALLENGE_SENTENCE_LIMIT))
    problems.push(`sentence: must be one line of at most ${CHALLENGE_SENTENCE_LIMIT} characters`);
  if (problems.length > 0 || !knownRole || !knownReason) return { ok: false, problems };
  const challenge = { signals, role: knownRole, reason: knownReason };
  return { ok: true, challenge: isSaid ? { ...challenge, sentence: sentence as string } : challenge };
}
