import { canonicalise, type CseaClass, type RejectionCode, type SignalType } from '#libs/domain';
import type { CandidateSignal, ReadItem } from '../format.js';
import { childOf, textOf, type XmlElement } from '../xml/xml-element.js';

/** Kinds of fingerprint by the name of their element. */
const TYPES: Readonly<Record<string, SignalType>> = {
  md5: 'md5',
  sha1: 'sha1',
  sha256: 'sha256',
  pdna: 'photodna',
  pdq: 'pdq',
  netclean: 'netclean',
  videntifier: 'videntifier',
  'tmk-pdqf': 'tmk-pdqf',
  'ssvh-pdna': 'ssvh-pdna',
  'ssvh-safer-hash': 'ssvh-safer-hash',
};
/** Classification of the Tech Coalition: the letter is the age, the digit the act. */
const CLASSES: readonly string[] = ['A1', 'A2', 'B1', 'B2'] satisfies readonly CseaClass[];
const isClass = (word: string): word is CseaClass => CLASSES.includes(word);
const MOMENT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/;
const ID = /^[\x21-\x7e]{1,200}$/;

/** Everything that is said on this list, whatever else is said beside it. */
const LIST = 'ncmec';
const OF_THE_LIST = { harms: ['csea'], origin: `third-party-list:${LIST}` };

/** The producer's object: an entry is known by the member who made it and the id that the member gave it. */
function refOf(entry: XmlElement): string | undefined {
  const member = childOf(entry, 'member')?.attributes['id'] ?? '';
  const id = textOf(entry, 'id') ?? '';
  return ID.test(member) && ID.test(id) ? `ncmec-entry--${member}--${id}` : undefined;
}

interface Fingerprints {
  signals: CandidateSignal[];
  /** What is said of fingerprints that are no signals, in order. */
  others: ({ ignored: string } | { code: RejectionCode; detail: string })[];
}

function readFingerprints(entry: XmlElement): Fingerprints {
  const signals: CandidateSignal[] = [];
  const others: Fingerprints['others'] = [];
  for (const { name, text, attributes } of childOf(entry, 'fingerprints')?.children ?? []) {
    const type = Object.hasOwn(TYPES, name) ? TYPES[name] : undefined;
    if (!type) others.push({ ignored: 'other-fingerprint' });
    // Large ones are not in the list itself, and nothing is ever fetched.
    else if (text.trim() === '' && attributes['href'] !== undefined) others.push({ ignored: 'fingerprint-elsewhere' });
    else {
      const value = canonicalise(type, text);
      if (value.ok) signals.push({ type, value: value.value });
      else others.push({ code: 'TOC_ITEM_VALUE', detail: `${name}: ${value.detail}` });
    }
  }
  return { signals, others };
}

/** The one thing that is said of an entry as a whole where it is no list of fingerprints. */
function wholeItem(entry: XmlElement | undefined, position: number): ReadItem | undefined {
  const rejected = (code: RejectionCode, detail: string, objectRef?: string): ReadItem => ({
    ...{ kind: 'rejected', position, code, detail },
    ...(objectRef === undefined ? {} : { objectRef, ofList: LIST }),
  });
  if (!entry) return rejected('TOC_ITEM_TOO_LONG', 'an entry is longer than its bound');
  const objectRef = refOf(entry);
  if (!objectRef) return rejected('TOC_ITEM_MALFORMED', 'member, id: both were expected');
  if (entry.name.startsWith('deleted')) return { kind: 'revocation', position, objectRef, ofList: LIST };
  if (!MOMENT.test(textOf(entry, 'timestamp') ?? ''))
    return rejected('TOC_ITEM_TIME', 'timestamp: a moment was expected', objectRef);
  const said = textOf(entry, 'classification');
  if (said === undefined || isClass(said)) return undefined;
  return rejected('TOC_ITEM_VOCABULARY', `classification: one of ${CLASSES.join(', ')} was expected`, objectRef);
}

/**
 * Everything that an entry says: its fingerprints as one item, then each that is none by itself; a tombstone takes the
 * entry back, and so does a version of it that nothing is left of. Versions have no times here: what is newer is decided by
 * the order of the pages.
 * @param before last position before it
 */
export function* itemsOfEntry(entry: XmlElement | undefined, before: number): Iterable<ReadItem> {
  const whole = wholeItem(entry, before + 1);
  if (whole || !entry) {
    if (whole) yield whole;
    return;
  }
  const said = textOf(entry, 'classification');
  const objectRef = refOf(entry);
  const draft = { ...OF_THE_LIST, ...(said !== undefined && isClass(said) ? { cseaClass: said } : {}) };
  const { signals, others } = readFingerprints(entry);
  let last = before;
  if (signals.length > 0) {
    last += 1;
    yield { kind: 'candidate', position: last, signals, objectRef, draft };
  }
  const emptied = signals.length > 0 ? {} : { objectRef, ofList: LIST };
  for (const other of others) {
    last += 1;
    if ('ignored' in other) yield { kind: 'ignored', position: last, what: other.ignored, ...emptied };
    else yield { kind: 'rejected', position: last, ...other, ...emptied };
  }
  if (last === before) yield { kind: 'ignored', position: before + 1, what: 'no-fingerprint', ...emptied };
}
