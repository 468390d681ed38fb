import { rejection, TocsinError } from '#libs/domain';
import type { ByteSource, ForbiddenMatter } from '../format.js';
import { checkedText, refuseEmpty } from '../text/checked-text.js';
import { Advisories } from './advisories.js';
import { inspect, mayHoldMedia, PassingBytes } from '../json/forbidden-matter.js';
import { JsonSlicer, type JsonSlice, type SlicerSettings } from '../json/json-slicer.js';
import { MarkingDefinitions, understandMarking } from './markings.js';
import { ADVISORY_LIMIT, BARE_LIST, parseSlice, readStixObject, type StixObject } from './stix-object.js';

/** Most marking definitions of a document. */
const MOST_MARKINGS = 10_000;

/** What has to be known of a document before its first item can be read. */
export interface Survey {
  /** Whether the objects are in a bundle, or the document is one object. */
  sliced: SlicerSettings['sliced'];
  markings: MarkingDefinitions;
  advisories: Advisories;
  /** Something that must not be here; then nothing else is read. */
  forbidden?: ForbiddenMatter;
}

/**
 * Reads a document once: checks that it is UTF-8 and well-formed JSON within the nesting bound, that it is a STIX
 * bundle or object, looks for what must not be here, and learns its marking definitions, reports and groupings. Other
 * objects are not parsed.
 * @throws a rejection of the whole document
 */
export async function surveyDocument(source: ByteSource): Promise<Survey> {
  refuseEmpty(source);
  const members = new Map<string, unknown>();
  const beside = { media: false };
  const bundle = new Surveyor({ array: 'objects' });
  await bundle.read(source, (slice) => {
    const { bytes, key, start, keys } = slice;
    const value = parseMember(bytes, key, start);
    const inspection = inspect(value);
    if (inspection.keys < keys) throw notJson('a key is said twice', start);
    beside.media ||= inspection.media;
    // Only what tells the kind of the document is kept.
    if (KEPT_MEMBERS.has(key)) members.set(key, value);
  });
  if (isBundle(members, bundle.sawArray)) {
    if (beside.media) bundle.survey.forbidden ??= forbidden('TOC_SUBMISSION_MEDIA', 0, MEDIA);
    return bundle.settled();
  }
  const single = new Surveyor('document');
  await single.read(source);
  return single.settled();
}

const BUNDLE_MARKINGS = ['object_marking_refs', 'granular_markings'];
const KEPT_MEMBERS: ReadonlySet<string> = new Set(['type', 'spec_version', 'objects', ...BUNDLE_MARKINGS]);
const MEDIA = 'media, or a data URI, is in the document';
const CLASSIFIED = 'a marking says that the information is classified';

class Surveyor {
  readonly survey: Survey;
  sawArray = false;

  constructor(sliced: SlicerSettings['sliced']) {
    this.survey = { sliced, markings: new MarkingDefinitions(), advisories: new Advisories() };
  }

  async read(source: ByteSource, onMember?: (slice: JsonSlice) => void): Promise<void> {
    const passing = new Map<number, PassingBytes>();
    const slicer = new JsonSlicer({
      sliced: this.survey.sliced,
      bareList: BARE_LIST,
      limit: ADVISORY_LIMIT,
      onOversize: (piece, index) => {
        const bytes = passing.get(index) ?? new PassingBytes();
        passing.set(index, bytes);
        bytes.push(piece);
      },
    });
    for await (const chunk of checkedText(source.open())) {
      const matters = mayMatter(Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length));
      // What lies in one piece alone is as harmless as the piece.
      for (const slice of slicer.push(chunk, !matters)) {
        if (slice.kind === 'member') onMember?.(slice);
        else this.look(slice, passing.get(slice.index));
        passing.delete(slice.index);
      }
    }
    slicer.end();
    this.sawArray = slicer.sawArray;
  }

  settled(): Survey {
    const { survey } = this;
    survey.advisories.settle(survey.markings);
    return survey;
  }

  private look(slice: JsonSlice, passed: PassingBytes | undefined): void {
    const { bytes, index } = slice;
    if (!bytes) {
      if (passed?.media) this.forbid('TOC_SUBMISSION_MEDIA', index, MEDIA);
      if (passed?.speaksForOthers) {
        const detail = `object ${index} may be a report or grouping and is longer than ${ADVISORY_LIMIT} bytes`;
        throw rejection('TOC_SUBMISSION_TOO_LARGE', detail);
      }
      return;
    }
    if (!mayMatter(bytes)) return;
    let object: StixObject;
    try {
      const { value, media } = parseSlice(slice);
      if (media) this.forbid('TOC_SUBMISSION_MEDIA', index, MEDIA);
      object = readStixObject(value, bytes.length);
    } catch (thrown) {
      if (!(thrown instanceof TocsinError)) throw thrown;
      if (speaksForOthers(bytes)) this.survey.advisories.addBroken(bytes.toString('latin1'), index, thrown);
      return;
    }
    this.learn(object, index);
  }

  private learn(object: StixObject, index: number): void {
    const { markings, advisories } = this.survey;
    if (object.type === 'report' || object.type === 'grouping') advisories.add(object, index);
    if (object.type === 'identity') markings.addIdentity(object);
    if (object.type !== 'marking-definition') return;
    if (understandMarking(object).means === 'classified') this.forbid('TOC_SUBMISSION_ABOVE_LEVEL', index, CLASSIFIED);
    if (markings.size >= MOST_MARKINGS) {
      throw rejection('TOC_SUBMISSION_TOO_LARGE', `the document has more than ${MOST_MARKINGS} marking definitions`);
    }
    markings.add(object);
  }

  private forbid(code: ForbiddenMatter['code'], position: number, detail: string): void {
    this.survey.forbidden ??= forbidden(code, position, detail);
  }
}

function speaksForOthers(bytes: Buffer): boolean {
  return bytes.includes('"report"') || bytes.includes('"grouping"');
}

/** Whether objects in these bytes have to be parsed now. Escapes could hide a word, so any make it sure. */
function mayMatter(bytes: Buffer): boolean {
  return (
    speaksForOthers(bytes) ||
    bytes.includes('ais-consent-') ||
    bytes.includes('"marking-definition"') ||
    bytes.includes('\\u') ||
    mayHoldMedia(bytes)
  );
}

function forbidden(code: ForbiddenMatter['code'], position: number, detail: string): ForbiddenMatter {
  return { kind: 'forbidden', position, code, detail };
}

function parseMember(bytes: Buffer | undefined, key: string, start: number): unknown {
  try {
    return JSON.parse(bytes?.toString('utf8') ?? '');
  } catch {
    throw notJson(/^[a-z_]{1,40}$/.test(key) ? `the value of ${key}` : 'a value', start);
  }
}

/**
 * Whether the document is a bundle; otherwise it is an object by itself.
 * @throws a rejection `TOC_SUBMISSION_FORMAT` when it is neither, or of another version
 */
function isBundle(members: ReadonlyMap<string, unknown>, sawObjects: boolean): boolean {
  const type = members.get('type');
  if (type === 'bundle') {
    const version = members.get('spec_version');
    if (version !== undefined && version !== '2.1' && version !== '2.0')
      throw notRead('the bundle is of a version of STIX that is not read; 2.1 and 2.0 are');
    if (members.has('objects')) throw notRead('objects of the bundle: a list was expected');
    // To pass them over would show what they were put there to keep.
    if (BUNDLE_MARKINGS.some((name) => members.has(name))) {
      throw notRead('a bundle has no markings (STIX 2.1, chapter 8); each of its objects has its own');
    }
    return true;
  }
  if (sawObjects) throw notRead('the document has objects and is not a bundle: its type has to be bundle');
  if (typeof type !== 'string') throw notRead('the document is neither a STIX bundle nor a STIX object');
  return false;
}

function notRead(sentence: string): TocsinError {
  return rejection('TOC_SUBMISSION_FORMAT', sentence);
}

function notJson(what: string, byte: number): TocsinError {
  return rejection('TOC_SUBMISSION_MALFORMED', `the document is not well-formed JSON: ${what} (byte ${byte})`, {
    byte,
  });
}
