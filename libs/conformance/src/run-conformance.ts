import { Bench, type ReceiverUnderTest } from './bench.js';
import { SIGNATURE_CASES } from './cases-of-signatures.js';
import { MEMBERSHIP_CASES, VERSION_CASES } from './cases-of-versions.js';
import { VOLUME_CASES } from './cases-of-volume.js';
import { WORD_CASES } from './cases-of-words.js';
import type { ConformanceCase, ConformanceSettings } from './conformance-case.js';
import type { ConformanceKeys } from './conformance-keys.js';

/** Every case, in the order in which they are tried. */
export const CONFORMANCE_CASES: readonly ConformanceCase[] = [
  ...SIGNATURE_CASES,
  ...VERSION_CASES,
  ...WORD_CASES,
  ...VOLUME_CASES,
  ...MEMBERSHIP_CASES,
];

/** How one case ended. `not-seen`: the receiver does not tell what it holds, so only its answers were judged. */
export interface CaseResult extends Pick<ConformanceCase, 'id' | 'rule' | 'level' | 'says'> {
  outcome: 'conforms' | 'not-seen' | 'fails';
  detail?: string;
  milliseconds: number;
}

/**
 * Tries a receiver with everything that a year brings. What it leaves behind at the receiver are rows of a channel
 * `conformance-…` of its own.
 * @param told each result as it comes
 * @returns all results; the receiver conforms when no MUST fails
 */
export async function runConformance(
  receiver: ReceiverUnderTest,
  keys: ConformanceKeys,
  settings: ConformanceSettings,
  told: (result: CaseResult) => void = () => undefined,
): Promise<CaseResult[]> {
  const bench = new Bench(receiver, keys);
  const results: CaseResult[] = [];
  for (const tried of CONFORMANCE_CASES) {
    const { id, rule, level, says, needsState } = tried;
    const began = performance.now();
    const detail = await tried.run(bench, settings).then(
      () => undefined,
      (thrown: unknown) => (thrown instanceof Error ? thrown.message : String(thrown)),
    );
    const outcome = detail !== undefined ? 'fails' : needsState && !bench.tells ? 'not-seen' : 'conforms';
    const milliseconds = Math.round(performance.now() - began);
    const result: CaseResult = { id, rule, level, says, outcome, ...(detail && { detail }), milliseconds };
    results.push(result);
    told(result);
  }
  return results;
}

/** Whether nothing fails that a receiver must do. */
export function conforms(results: readonly CaseResult[]): boolean {
  return results.every(({ outcome, level }) => outcome !== 'fails' || level === 'SHOULD');
}
