import {
  commonCountries,
  rejection,
  type Bulletin,
  type RejectionCode,
  type Marking,
  type StatementDraft,
} from '#libs/domain';
import {
  BULLETIN_FIELD,
  CONFIDENCE_FIELD,
  QUALITY_FIELD,
  STATEMENT_FIELDS,
  VALIDITY_FIELDS,
  type Field,
  type Said,
} from './extension-fields.js';
import { malformed } from './stix-object.js';
import { wrongTime } from './times.js';

/** Id of the published property extension; see docs/formats/stix21-extension.md. It never changes. */
export const EXTENSION_ID = 'extension-definition--90a53a0a-b1b9-4a97-90e4-555f5ce1ae04';

/** What kind of object carries the extension; each may say what the standard gives it no property for. */
export type Carrier = 'indicator' | 'observable' | 'advisory';

/** Names of the fields that each carrier may use. */
export const EXTENSION_FIELDS: Readonly<Record<Carrier, Readonly<Record<string, Field>>>> = {
  indicator: { ...STATEMENT_FIELDS, ...QUALITY_FIELD },
  observable: { ...STATEMENT_FIELDS, ...VALIDITY_FIELDS, ...CONFIDENCE_FIELD, ...QUALITY_FIELD },
  advisory: { ...STATEMENT_FIELDS, ...VALIDITY_FIELDS, ...BULLETIN_FIELD },
};

const CODES: Readonly<Record<string, RejectionCode>> = {
  valid_from: 'TOC_ITEM_TIME',
  valid_until: 'TOC_ITEM_TIME',
  last_seen_live_at: 'TOC_ITEM_TIME',
  releasable_to: 'TOC_ITEM_MARKING',
};

/** What an object says about itself beside its signals. */
export interface Statements {
  /** Absent when the object says nothing. */
  draft?: StatementDraft;
  bulletin?: Bulletin;
  pdqQuality?: number;
}

/**
 * Reads the extension of an object, and joins it with what the object says by the standard's own properties.
 * @param properties of the object
 * @param standard validity and confidence as the standard's properties say them
 * @param marked what the object's markings say
 * @throws a rejection: `TOC_ITEM_VOCABULARY`, `TOC_ITEM_TIME` or `TOC_ITEM_MARKING` naming the field, never its value
 */
export function readStatements(
  properties: Record<string, unknown>,
  carrier: Carrier,
  standard: StatementDraft,
  marked: Pick<Partial<Marking>, 'tlp' | 'releasableTo'>,
): Statements {
  const said: Said = { draft: { ...standard }, marking: { ...marked } };
  readExtension(properties, carrier, said);
  const { draft, marking, bulletin, pdqQuality } = said;
  // The extension can only narrow what a marking says.
  if (marked.releasableTo !== undefined)
    marking.releasableTo = commonCountries(marked.releasableTo, marking.releasableTo ?? 'all');
  if (draft.validFrom !== undefined && draft.validUntil !== undefined && draft.validUntil <= draft.validFrom) {
    throw wrongTime('valid_until: not after valid_from');
  }
  if (Object.keys(marking).length > 0) draft.marking = marking;
  return { draft: Object.keys(draft).length > 0 ? draft : undefined, bulletin, pdqQuality };
}

function readExtension(properties: Record<string, unknown>, carrier: Carrier, said: Said): void {
  const { extensions } = properties;
  if (extensions === undefined) return;
  if (!isRecord(extensions)) throw malformed('extensions: an object was expected');
  const extension = extensions[EXTENSION_ID];
  if (extension === undefined) return;
  if (!isRecord(extension)) throw malformed('the extension: an object was expected');
  const fields = EXTENSION_FIELDS[carrier];
  for (const [name, value] of Object.entries(extension)) {
    if (name === 'extension_type') continue;
    const field = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (!field) {
      const shown = /^[a-z_]{1,40}$/.test(name) ? name : 'a field';
      throw rejection('TOC_ITEM_VOCABULARY', `${shown}: the extension has no such field for this kind of object`);
    }
    if (!field(value, said)) {
      throw rejection(
        CODES[name] ?? 'TOC_ITEM_VOCABULARY',
        `${name}: not a value that this field of the extension may have`,
      );
    }
  }
  if (extension['extension_type'] !== 'property-extension') {
    throw malformed('the extension: its extension_type has to be property-extension');
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
