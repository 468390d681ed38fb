/** Words of an indicator or report that moved to a property of their own in STIX 2.1. */
const TYPES_OF: Readonly<Record<string, string>> = { indicator: 'indicator_types', report: 'report_types' };

/**
 * The properties of an object of STIX 2.0 as they are called in 2.1. Patterns are of one language only there, and what
 * kind of indicator or report it is stands in `labels` (STIX 2.0 part 2, sections 2.5 and 2.9). What 2.0 does not have is not added.
 */
export function asVersion21(type: string, properties: Record<string, unknown>): Record<string, unknown> {
  const { labels } = properties;
  const named = TYPES_OF[type];
  return {
    ...properties,
    spec_version: '2.1',
    // What is said in the words of 2.1 all the same, counts as well.
    ...(type === 'indicator' ? { pattern_type: properties['pattern_type'] ?? 'stix' } : {}),
    ...(named !== undefined && labels !== undefined ? { [named]: both(properties[named], labels) } : {}),
  };
}

function both(kinds: unknown, labels: unknown): unknown {
  return Array.isArray(kinds) && Array.isArray(labels) ? [...(kinds as unknown[]), ...(labels as unknown[])] : labels;
}
