/** Labels of the Traffic Light Protocol 2.0 (FIRST), least restrictive first. */
export const TLP_LEVELS = ['clear', 'green', 'amber', 'amber+strict', 'red'] as const;
export type Tlp = (typeof TLP_LEVELS)[number];

/**
 * Reads a TLP label in any usual spelling (`TLP:AMBER+STRICT`, `amber`, `TLP:WHITE`).
 * TLP 1.0 AMBER meant the organisation only, so callers that know they read TLP 1.0 pass `version: 1`
 * and get `amber+strict`, the conservative reading.
 * @returns undefined when the label is unknown; an unknown marking means nobody.
 */
export function readTlp(label: string, version: 1 | 2 = 2): Tlp | undefined {
  const name = label
    .trim()
    .toLowerCase()
    .replace(/^tlp\s*[:\s]\s*/, '');
  if (name === 'white') return 'clear';
  if (name === 'amber' && version === 1) return 'amber+strict';
  return TLP_LEVELS.find((level) => level === name);
}

/** Negative when `a` is less restrictive than `b`, zero when equal, positive when more restrictive. */
export function compareTlp(a: Tlp, b: Tlp): number {
  return TLP_LEVELS.indexOf(a) - TLP_LEVELS.indexOf(b);
}

/** The more restrictive of two labels. */
export function strictestTlp(a: Tlp, b: Tlp): Tlp {
  return compareTlp(a, b) >= 0 ? a : b;
}
