import { HOLD_REASONS, type Bulletin, type HoldReason, type Statement } from '#libs/domain';
import { SAFEGUARDS } from './registry.js';
import type { JudgedSignal, LoweredCeiling, Ruling, SafeguardFacts, StatementFacts } from './safeguard.js';

const JUDGE_SIGNALS = SAFEGUARDS.filter((safeguard) => safeguard.judgeSignal !== undefined);

/**
 * Judges a signal about which a statement is made; the same for publication, preview and release.
 * @returns the first ruling against it, or undefined
 */
export function judgeSignal(signal: JudgedSignal, statement: Statement, facts: SafeguardFacts): Ruling | undefined {
  for (const safeguard of JUDGE_SIGNALS) {
    const ruling = safeguard.judgeSignal?.(signal, statement, facts);
    if (ruling) return ruling;
  }
  return undefined;
}

/**
 * Judges what is said about any number of signals, and the bulletin that it goes with; the same for publication and
 * preview.
 * @param released reasons of holds that a second person let the submission go from, with these words
 * @returns the first ruling against it, or undefined
 */
export function judgeStatement(
  statement: Statement,
  facts: StatementFacts,
  released: ReadonlySet<HoldReason>,
  bulletin?: Bulletin,
): Ruling | undefined {
  for (const safeguard of SAFEGUARDS) {
    const ruling = safeguard.judgeStatement?.(statement, facts, bulletin);
    if (!ruling) continue;
    if (ruling.ruling === 'hold' && HOLD_REASONS[ruling.reason].releasable && released.has(ruling.reason)) continue;
    return ruling;
  }
  return undefined;
}

/**
 * Lowers what a statement lets platforms do, as far as the safeguards ask; the same for publication, preview and release.
 * @returns the statement as it may be published, and every ceiling that was lowered
 */
export function lowerCeilings(statement: Statement): { statement: Statement; lowered: LoweredCeiling[] } {
  let after = statement;
  const lowered: LoweredCeiling[] = [];
  for (const safeguard of SAFEGUARDS) {
    const change = safeguard.lowerCeilings?.(after);
    if (!change) continue;
    after = change.statement;
    lowered.push(...change.lowered);
  }
  return { statement: after, lowered };
}
