import { canonicalise, isSignalType, rejection } from '#libs/domain';
import type { CandidateSignal } from '../format.js';
import { signalsOfPattern } from './pattern/index.js';

/**
 * The signals of an indicator's pattern, each once, in canonical form.
 * @throws a rejection: `TOC_ITEM_PATTERN` when the pattern is more than a set of values any one of which is enough,
 *   `TOC_ITEM_VALUE` when one of them is not a value of its type
 */
export function signalsOfIndicator(pattern: string): CandidateSignal[] {
  const reading = signalsOfPattern(pattern);
  if (!reading.ok) throw rejection('TOC_ITEM_PATTERN', `pattern: ${reading.detail} (character ${reading.at})`);
  const signals = new Map<string, CandidateSignal>();
  for (const { type, value } of reading.signals) {
    const canonical = canonicalise(type, value);
    if (!canonical.ok) throw rejection('TOC_ITEM_VALUE', `pattern: ${type}: ${canonical.detail}`);
    signals.set(`${type} ${canonical.value}`, { type, value: canonical.value });
  }
  return [...signals.values()];
}

/** `pattern_type` of what no pattern of STIX says: a signal type and a value, as exchanges like this one write it. */
export const SIGNAL_PATTERN_TYPE = 'tocsin-signal';

/**
 * The signal of a pattern `type:value`.
 * @throws a rejection `TOC_ITEM_PATTERN` or `TOC_ITEM_VALUE`
 */
export function signalsOfPlainPattern(pattern: string): CandidateSignal[] {
  const at = pattern.indexOf(':');
  const type = pattern.slice(0, Math.max(0, at));
  if (!isSignalType(type))
    throw rejection('TOC_ITEM_PATTERN', 'pattern: a signal type, a colon and a value were expected');
  const canonical = canonicalise(type, pattern.slice(at + 1));
  if (!canonical.ok) throw rejection('TOC_ITEM_VALUE', `pattern: ${type}: ${canonical.detail}`);
  return [{ type, value: canonical.value }];
}
