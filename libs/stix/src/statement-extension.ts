import type { AssertionJson, RowRecord } from '#libs/events';

/** The published extension in which agencies say the same of what they submit; see docs/formats/stix21-extension.md. */
export const STATEMENT_EXTENSION = 'extension-definition--90a53a0a-b1b9-4a97-90e4-555f5ce1ae04';

/** Fields of an assertion that the extension names alike. */
const FIELDS = [
  ...['context', 'csea_class', 'csea_verification', 'entity', 'legal_basis', 'nature', 'origin', 'surface'],
  ...['last_seen_live_at', 'jurisdiction', 'language'],
] as const;
const MOST_HARMS = 10;
const MOST_PROVISIONS = 30;

/**
 * What a row says, as an agency would have said it: what all assertions have in common. Where they differ a field is left
 * out here, and each is given whole in the extension about the row.
 */
export function statementExtension(row: RowRecord): Record<string, unknown> {
  const { marking } = row;
  const isWhole = row.assertions_total <= row.assertions.length;
  const shared = isWhole ? FIELDS.map((field) => [field, agreedOn(row.assertions, field)] as const) : [];
  const provisions = uniqueBy(
    row.assertions.flatMap(({ unlawful_in: unlawful }) => (Array.isArray(unlawful) ? (unlawful as unknown[]) : [])),
  );
  return present({
    extension_type: 'property-extension',
    harm: row.harms.slice(0, MOST_HARMS),
    ...Object.fromEntries(shared),
    unlawful_in: provisions.length > 0 ? provisions.slice(0, MOST_PROVISIONS) : undefined,
    severity: row.severity,
    ceiling: row.ceiling,
    ceiling_by_country: row.ceiling_by_country,
    releasable_to: marking.releasable_to === 'all' ? undefined : marking.releasable_to,
    caveats: marking.caveats.length > 0 ? marking.caveats : undefined,
    audience: marking.audience,
  });
}

/** The quality of a PDQ hash, as low as anybody says. */
export function qualityOf(row: RowRecord): number | undefined {
  const qualities = row.assertions.flatMap(({ quality }) => quality ?? []);
  return qualities.length > 0 ? Math.min(...qualities) : undefined;
}

/** When a row begins to hold: as soon as anybody says so. */
export function validFrom(row: RowRecord): string | undefined {
  const times = row.assertions.flatMap(({ valid_from: from }) => (typeof from === 'string' ? [from] : []));
  return times.sort((a, b) => Date.parse(a) - Date.parse(b))[0];
}

function agreedOn(assertions: readonly AssertionJson[], field: string): unknown {
  const [first, ...others] = uniqueBy(assertions.map((assertion) => assertion[field]));
  return others.length === 0 ? first : undefined;
}

function uniqueBy(values: readonly unknown[]): unknown[] {
  return [...new Map(values.map((value) => [JSON.stringify(value), value])).values()];
}

/** Without what is undefined. */
export function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}
