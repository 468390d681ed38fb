import type { Country, Marking } from '../marking/index.js';
import type { Ceiling, ContentContext, CseaClass, CseaVerification, Nature, Severity, Surface } from './vocabulary.js';

/** A functional desk, never a person (I7). */
export interface ContactDesk {
  id: string;
  name: string;
  email?: string;
  phone?: string;
}

/** The body that designated an entity, on which list, when. */
export interface Designation {
  list: string;
  country: Country;
  /** Calendar date, YYYY-MM-DD. */
  date?: string;
}

/** A provision under which the content is unlawful somewhere. */
export interface UnlawfulIn {
  country: Country;
  provision: string;
}

/**
 * What an advisory says about a signal, apart from the signal itself. Every text in it was written by an officer as
 * releasable; nothing is taken from descriptions, names or properties of the submitted file (I7).
 * Times are ISO 8601 in UTC.
 */
export interface Statement {
  harms: string[];
  /** Absent for CSEA, which has a material class instead. */
  context?: ContentContext;
  cseaClass?: CseaClass;
  cseaVerification?: CseaVerification;
  entity?: { name: string; designations: Designation[] };
  unlawfulIn: UnlawfulIn[];
  /** 0–100. */
  confidence?: number;
  severity?: Severity;
  ceiling: Ceiling;
  /** Lower ceilings where a country's law differs. */
  ceilingByCountry: Record<Country, Ceiling>;
  legalBasis: string;
  nature: Nature;
  origin: string;
  surface?: Surface;
  validFrom: string;
  validUntil: string;
  lastSeenLiveAt?: string;
  jurisdiction?: Country;
  /** BCP 47 language tag. */
  language?: string;
  contact: ContactDesk;
  marking: Marking;
}

/**
 * A statement as far as one voice has said it: a format, the submission's parameters, or the agency's standing
 * defaults. `contactDesk` names a desk that the agency registered; `validFor` is a number of days.
 */
export interface StatementDraft extends Partial<Omit<Statement, 'contact' | 'marking'>> {
  contactDesk?: string;
  validFor?: number;
  marking?: Partial<Marking>;
}
