import type { Statement } from '#libs/domain';
import { SAFEGUARDS } from './registry.js';
import type { JudgedSignal, SafeguardFacts, SignalRuling } from './safeguard.js';

const JUDGE_SIGNALS = SAFEGUARDS.filter((safeguard) => safeguard.judgeSignal !== undefined);

/**
 * Judges a signal about which a statement is made; the same for publication, preview and release.
 * @returns the first ruling against it, or undefined
 */
export function judgeSignal(
  signal: JudgedSignal,
  statement: Statement,
  facts: SafeguardFacts,
): SignalRuling | undefined {
  for (const safeguard of JUDGE_SIGNALS) {
    const ruling = safeguard.judgeSignal?.(signal, statement, facts);
    if (ruling) return ruling;
  }
  return undefined;
}
