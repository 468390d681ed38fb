import { rejection, TocsinError, type RejectionCode } from '#libs/domain';
import type { DeclaredAdvisory } from '../format.js';
import { ContainedIds } from './contained-ids.js';
import { EXTENSION_ID, readStatements } from './extension.js';
import type { MarkingDefinitions } from './markings.js';
import { malformed, readId, type StixObject } from './stix-object.js';
import { timeOf, versionOf } from './times.js';

/** Most reports and groupings of a document. */
const MOST_ADVISORIES = 10_000;
/** Most references that they make, together, to objects that can carry signals. */
const MOST_REFS = 500_000;
/** Most bytes of what they say, together. */
const MOST_WORDS = 16 * 1024 * 1024;

/** Objects that can become candidates; references to others need not be remembered. */
const CANDIDATES = new Set(['indicator', 'file', 'url', 'domain-name']);
/** What is kept of a report until all marking definitions are known. */
const KEPT = ['created', 'modified', 'revoked', 'confidence', 'object_marking_refs', 'granular_markings'] as const;

/** How a report or grouping was read. */
export type AdvisoryReading =
  | { outcome: 'declared'; advisory: DeclaredAdvisory }
  | { outcome: 'rejected'; code: RejectionCode; detail: string }
  /** The document has a newer version of it. */
  | { outcome: 'superseded' };

interface Entry {
  ref: string;
  position: number;
  kept?: Record<string, unknown>;
  refused?: TocsinError;
  reading?: AdvisoryReading;
}

/** What the advisories that contain an item mean for it. */
export interface Containment {
  refs: string[];
  /** One of them could not be read, so what it would have said about the item is not known. */
  rejected?: { code: RejectionCode; position: number };
}

/**
 * The reports and groupings of a document, and which items they contain. Holds ids and the words of the extension, no
 * other text, within bounds.
 */
export class Advisories {
  private readonly entries: Entry[] = [];
  private readonly byPosition = new Map<number, Entry>();
  /** Numbers of the entries that contain an item. */
  private readonly containing = new ContainedIds();
  private refs = 0;
  private words = 0;

  /** Takes a report or grouping in; what it says is read when all marking definitions are known. */
  add(object: StixObject, position: number): void {
    const { properties } = object;
    const kept: Record<string, unknown> = {};
    for (const name of KEPT) if (properties[name] !== undefined) kept[name] = properties[name];
    const { extensions } = properties;
    if (extensions !== undefined) kept['extensions'] = onlyOurs(extensions);
    const entry: Entry = { ref: object.id, position, kept };
    this.words += JSON.stringify(kept).length;
    if (this.words > MOST_WORDS) throw tooLarge(`reports and groupings say more than ${MOST_WORDS} bytes together`);
    const { object_refs: refs } = properties;
    if (!Array.isArray(refs)) entry.refused = rejection('TOC_ITEM_MALFORMED', 'object_refs: a list was expected');
    else for (const ref of refs) if (!this.contain(ref, this.entries.length)) entry.refused = badRef();
    this.enter(entry);
  }

  /** Takes in a report or grouping that cannot be read, with whatever it refers to. */
  addBroken(text: string, position: number, refused: TocsinError): void {
    for (const ref of text.match(/[a-z-]{3,20}--[0-9a-fA-F-]{36}/g) ?? []) this.contain(ref, this.entries.length);
    this.enter({ ref: '', position, refused });
  }

  /** Reads what the advisories say. To be called once, when the whole document was seen. */
  settle(markings: MarkingDefinitions): void {
    const newest = new Map<string, Entry>();
    for (const entry of this.entries) {
      entry.reading = readAdvisory(entry, markings);
      entry.kept = undefined;
      const before = newest.get(entry.ref);
      if (before && modifiedOf(before) >= modifiedOf(entry)) entry.reading = { outcome: 'superseded' };
      else {
        if (before) before.reading = { outcome: 'superseded' };
        if (entry.ref !== '') newest.set(entry.ref, entry);
      }
    }
  }

  declared(): DeclaredAdvisory[] {
    return this.entries.flatMap(({ reading }) => (reading?.outcome === 'declared' ? [reading.advisory] : []));
  }

  readingAt(position: number): AdvisoryReading | undefined {
    return this.byPosition.get(position)?.reading;
  }

  /** The advisories that contain an item. */
  of(id: string): Containment {
    const refs = new Set<string>();
    let rejected: Containment['rejected'];
    for (const number of this.containing.containersOf(id)) {
      const entry = this.entries[number];
      const reading = entry?.reading;
      if (!entry || !reading || reading.outcome === 'superseded') continue;
      if (reading.outcome === 'rejected') rejected = { code: reading.code, position: entry.position };
      else refs.add(entry.ref);
    }
    return { refs: [...refs], rejected };
  }

  private enter(entry: Entry): void {
    if (this.entries.length >= MOST_ADVISORIES) throw tooLarge(`more than ${MOST_ADVISORIES} reports and groupings`);
    this.entries.push(entry);
    this.byPosition.set(entry.position, entry);
  }

  private contain(ref: unknown, number: number): boolean {
    const id = readId(ref);
    if (!id) return false;
    if (!CANDIDATES.has(id.type)) return true;
    this.refs += 1;
    if (this.refs > MOST_REFS) throw tooLarge(`reports and groupings refer to more than ${MOST_REFS} objects`);
    this.containing.add(id.id, number);
    return true;
  }
}

function readAdvisory({ ref, kept, refused }: Entry, markings: MarkingDefinitions): AdvisoryReading {
  try {
    if (refused) throw refused;
    const properties = kept ?? {};
    const { revoked = false } = properties;
    if (typeof revoked !== 'boolean') throw malformed('revoked: true or false was expected');
    const modified = versionOf(properties);
    const { draft, bulletin } = readStatements(
      properties,
      'advisory',
      confidenceOf(properties),
      markings.markingOf(properties),
    );
    const advisory: DeclaredAdvisory = { kind: 'advisory', ref, modified };
    if (revoked) advisory.revoked = true;
    if (draft) advisory.draft = draft;
    if (bulletin) advisory.bulletin = bulletin;
    return { outcome: 'declared', advisory };
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
    return { outcome: 'rejected', code: thrown.code as RejectionCode, detail: thrown.detail };
  }
}

/**
 * `confidence` of STIX 2.1, section 3.2.
 * @throws a rejection of the item
 */
export function confidenceOf(properties: Record<string, unknown>): { confidence?: number } {
  const { confidence } = properties;
  if (confidence === undefined) return {};
  if (typeof confidence === 'number' && Number.isInteger(confidence) && confidence >= 0 && confidence <= 100) {
    return { confidence };
  }
  throw malformed('confidence: a whole number from 0 to 100 was expected');
}

function modifiedOf({ reading }: Entry): number {
  if (reading?.outcome !== 'declared') return Number.POSITIVE_INFINITY;
  return timeOf({ modified: reading.advisory.modified }, 'modified') ?? 0;
}

function onlyOurs(extensions: unknown): unknown {
  if (typeof extensions !== 'object' || extensions === null) return extensions;
  const ours = (extensions as Record<string, unknown>)[EXTENSION_ID];
  return ours === undefined ? {} : { [EXTENSION_ID]: ours };
}

function badRef(): TocsinError {
  return rejection('TOC_ITEM_MALFORMED', 'object_refs: an entry has not the shape type--UUID');
}

function tooLarge(what: string): TocsinError {
  return rejection('TOC_SUBMISSION_TOO_LARGE', `the document is too large to be read: ${what}`);
}
