import { commonCountries, readTlp, rejection, strictestTlp, type Marking, type Tlp } from '#libs/domain';
import { ACS_EXTENSION, isClassified, readAcs, type AcsLimits } from './acs-marking.js';
import { readId, type StixObject } from './stix-object.js';

/** What a marking definition means to a reader. */
export type MarkingMeaning =
  | { means: 'tlp'; tlp: Tlp }
  /** Rules of ACS 3.0, as far as they let platforms have it. */
  | ({ means: 'acs' } & AcsLimits)
  /** A copyright or the like, and plainly so: it neither widens nor narrows, and its text goes nowhere. */
  | { means: 'statement' }
  /** Not understood, so nobody may have what it marks. */
  | { means: 'unknown' }
  /** Classified information, which has no place here. */
  | { means: 'classified' };

/** The definitions that STIX 2.1 section 7.2.1.4 fixes for TLP 1.0; its AMBER was for the organisation alone. */
const TLP1_IDS: readonly (readonly [string, Tlp])[] = [
  ['613f2e26-407d-48c7-9eca-b8e91df99dc9', 'clear'],
  ['34098fce-860f-48ae-8e50-ebd3cc5e41da', 'green'],
  ['f88d31f6-486f-44da-b317-01333bde0b82', 'amber+strict'],
  ['5e57c739-391a-4eb3-b6be-7d15ca92d5ed', 'red'],
];
/** The definitions of the OASIS extension for TLP 2.0. */
const TLP2_IDS: readonly (readonly [string, Tlp])[] = [
  ['94868c89-83c2-464b-929b-a1a8aa3c8487', 'clear'],
  ['bab4a63c-aed9-4cf5-a766-dfca5abac2bb', 'green'],
  ['55d920b0-5e8b-4f79-9ee9-91f868d9b421', 'amber'],
  ['939a9414-2ddd-4d32-a0cd-375ea402b003', 'amber+strict'],
  ['e828b379-4e03-4974-9ac4-e53a884c97c1', 'red'],
];
const TLP_OF_ID: ReadonlyMap<string, Tlp> = new Map(
  [...TLP1_IDS, ...TLP2_IDS].map(([uuid, tlp]) => [`marking-definition--${uuid}`, tlp]),
);

const TLP2_EXTENSION = 'extension-definition--60a3c5c5-0d10-413e-aab3-9e08dde9e88d';
/** Label of an identity whose information is proprietary under AIS: it may be used for purposes of one law only. */
const PROPRIETARY = /^ais-consent-(?:everyone|usg|none)-cisa-proprietary$/;

function part(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>)[key] : undefined;
}

function label(value: unknown, version: 1 | 2): Tlp | undefined {
  return typeof value === 'string' ? readTlp(value, version) : undefined;
}

/**
 * TLP as the definition says it: by the extension, by the property of TLP 1.0, or in one of the wrong places in use.
 * @returns `unreadable` when it says TLP and no label that is known
 */
function tlpSaidBy(properties: Record<string, unknown>): Tlp | 'unreadable' | undefined {
  const extension = part(properties['extensions'], TLP2_EXTENSION);
  if (extension !== undefined) return label(part(extension, 'tlp_2_0'), 2) ?? 'unreadable';
  const { definition_type: type, definition, name } = properties;
  if (typeof type === 'string' && type.toLowerCase() === 'tlp') {
    return label(part(definition, 'tlp'), 1) ?? 'unreadable';
  }
  // Without the extension or a known id nothing says which AMBER is meant, so the stricter one is.
  return label(type, 1) ?? (type === undefined ? label(name, 1) : undefined);
}

/** What a marking definition means. */
export function understandMarking({ id, properties }: StixObject): MarkingMeaning {
  const acs = part(properties['extensions'], ACS_EXTENSION);
  if (isClassified(acs)) return { means: 'classified' };
  if (acs !== undefined && Object.keys(properties['extensions'] as object).length === 1) {
    const limits = readAcs(acs);
    return limits ? { means: 'acs', ...limits } : { means: 'unknown' };
  }
  // What another extension says of it, nobody here can tell.
  if (hasUnknownExtension(properties['extensions'])) return { means: 'unknown' };
  const known = TLP_OF_ID.get(id);
  const said = tlpSaidBy(properties);
  if (said === 'unreadable') return { means: 'unknown' };
  if (known && said) return { means: 'tlp', tlp: strictestTlp(known, said) };
  const tlp = known ?? said;
  if (tlp) return { means: 'tlp', tlp };
  return isLegalNotice(properties) ? { means: 'statement' } : { means: 'unknown' };
}

function hasUnknownExtension(extensions: unknown): boolean {
  if (extensions === undefined) return false;
  if (typeof extensions !== 'object' || extensions === null) return true;
  return Object.keys(extensions).some((id) => id !== TLP2_EXTENSION);
}

/** Words of those who own a text or answer for it, and words that limit who may have it. */
const OWNING =
  /\b(?:copyright|rights reserved|licen[cs]ed?|terms of use|disclaimer|trademarks?|warrant(?:y|ies))\b|©|\(c\)/i;
const LIMITING =
  /\b(?:classif|secret|confidential|restricted|protected|sensitive|official|eyes|only\s+(?:for|to)|nofor|no\s?forn|rel(?:easable)?\s+to|distribut|disseminat|disclos|not\s+(?:be\s+)?(?:shar|releas|forward|for)|need.to.know|embargo|tlp)/i;

/**
 * Whether a statement marking (STIX 2.1, section 7.2.1.3) is a copyright or the like. It is free text: one that is not
 * plainly that, or that speaks of who may have it, is a marking that is not understood.
 */
function isLegalNotice({ definition_type: type, definition }: Record<string, unknown>): boolean {
  const statement = part(definition, 'statement');
  if (type !== 'statement' || typeof statement !== 'string') return false;
  return OWNING.test(statement) && !LIMITING.test(statement);
}

/** The marking definitions of a document, and those that need not be in it. */
export class MarkingDefinitions {
  private readonly meanings = new Map<string, MarkingMeaning>();
  private readonly proprietary = new Set<string>();

  get size(): number {
    return this.meanings.size;
  }

  /** A definition given twice means the stricter of the two, or nothing that is known. */
  add(definition: StixObject): void {
    const meaning = understandMarking(definition);
    const before = this.meanings.get(definition.id);
    this.meanings.set(definition.id, before ? stricter(before, meaning) : meaning);
  }

  /**
   * Learns of an identity what its labels say of all that it made: the consent of AIS is about the identity alone, which
   * never leaves, but what is proprietary may not be handed on.
   */
  addIdentity({ id, properties: { labels } }: StixObject): void {
    if (Array.isArray(labels) && labels.some((label) => PROPRIETARY.test(String(label)))) this.proprietary.add(id);
  }

  /**
   * The marking of an object: the strictest of its markings, granular ones included (STIX 2.1, sections 7.2.2 and 7.2.3).
   * @returns what is said; empty when the object is not marked
   * @throws a rejection `TOC_ITEM_MARKING` when a marking is unknown or the list is empty
   */
  markingOf(properties: Record<string, unknown>): Pick<Partial<Marking>, 'tlp' | 'releasableTo'> {
    const said: Pick<Partial<Marking>, 'tlp' | 'releasableTo'> = {};
    const author = readId(properties['created_by_ref'])?.id;
    if (author !== undefined && this.proprietary.has(author))
      throw rejection('TOC_ITEM_MARKING', 'its producer marked it as proprietary (AIS), so nobody may receive it');
    for (const ref of markingRefs(properties)) {
      const meaning = this.meaningOf(ref);
      if (meaning.means === 'statement') continue;
      if (meaning.means !== 'tlp' && meaning.means !== 'acs')
        throw rejection('TOC_ITEM_MARKING', 'a marking is not known, so nobody may receive the item');
      if (meaning.tlp) said.tlp = said.tlp ? strictestTlp(said.tlp, meaning.tlp) : meaning.tlp;
      if (meaning.means === 'acs' && meaning.releasableTo !== 'all')
        said.releasableTo = commonCountries(said.releasableTo ?? 'all', meaning.releasableTo);
    }
    return said;
  }

  private meaningOf(ref: unknown): MarkingMeaning {
    const id = readId(ref)?.id;
    if (id === undefined) return { means: 'unknown' };
    const tlp = TLP_OF_ID.get(id);
    return this.meanings.get(id) ?? (tlp ? { means: 'tlp', tlp } : { means: 'unknown' });
  }
}

function stricter(a: MarkingMeaning, b: MarkingMeaning): MarkingMeaning {
  if (a.means === 'tlp' && b.means === 'tlp') return { means: 'tlp', tlp: strictestTlp(a.tlp, b.tlp) };
  if (a.means === 'acs' && b.means === 'acs') {
    const tlp = a.tlp && b.tlp ? strictestTlp(a.tlp, b.tlp) : (a.tlp ?? b.tlp);
    const releasableTo = commonCountries(a.releasableTo, b.releasableTo);
    return { means: 'acs', ...(tlp && { tlp }), releasableTo };
  }
  return a.means === b.means ? a : { means: 'unknown' };
}

function markingRefs(properties: Record<string, unknown>): unknown[] {
  const { object_marking_refs: refs, granular_markings: granular } = properties;
  const listed = (value: unknown, name: string): unknown[] => {
    if (value === undefined) return [];
    if (Array.isArray(value) && value.length > 0) return value;
    throw rejection('TOC_ITEM_MARKING', `${name}: a list that is not empty was expected`);
  };
  const selective = listed(granular, 'granular_markings')
    .filter((entry) => part(entry, 'lang') === undefined || part(entry, 'marking_ref') !== undefined)
    .map((entry) => part(entry, 'marking_ref'));
  return [...listed(refs, 'object_marking_refs'), ...selective];
}
