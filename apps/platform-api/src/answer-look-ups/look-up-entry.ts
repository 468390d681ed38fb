import { isLookedUp, lookUpDigest } from '#libs/domain';
import type { RowRecord } from '#libs/events';

/** What is said of a row that answers to a prefix: all that a platform decides by, and no value. An allow-list. */
export interface LookUpEntry {
  /** The digest without the prefix. */
  suffix: string;
  type: string;
  row_id: string;
  version: number;
  generation: number;
  drill: boolean;
  harms: string[];
  ceiling: string;
  ceiling_by_country?: Record<string, string>;
  confidence?: number;
  severity?: string;
  valid_until: string;
  disputed?: boolean;
  tlp: string;
  caveats?: string[];
  audience?: string;
  assertions: Asserted[];
}

interface Asserted {
  agency: string;
  country: string;
  context: unknown;
  csea_class: unknown;
  legal_basis: unknown;
  nature: unknown;
  unlawful_in: unknown;
}

/** @returns undefined for a row of another prefix, or one that nobody looks up */
export function lookUpEntry(row: RowRecord, prefix: string): LookUpEntry | undefined {
  const { signal, marking } = row;
  if (!signal || !isLookedUp(signal.type)) return undefined;
  const digest = lookUpDigest(signal.type, signal.value);
  if (!digest.startsWith(prefix)) return undefined;
  return {
    suffix: digest.slice(prefix.length),
    type: signal.type,
    ...{ row_id: row.row_id, version: row.version, generation: row.generation, drill: row.drill },
    ...{ harms: row.harms, ceiling: row.ceiling, ceiling_by_country: row.ceiling_by_country },
    ...{ confidence: row.confidence, severity: row.severity, valid_until: row.valid_until, disputed: row.disputed },
    ...{ tlp: marking.tlp, caveats: marking.caveats, audience: marking.audience },
    assertions: row.assertions.map(({ agency, context, csea_class, legal_basis, nature, unlawful_in }) => ({
      ...{ agency: agency.name, country: agency.country, context, csea_class, legal_basis, nature, unlawful_in },
    })),
  };
}
