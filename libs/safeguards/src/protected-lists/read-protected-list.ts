import { canonicalise, rejection } from '#libs/domain';
import { JUDGES, type Judges, type ListContent } from './list-content.js';
import { readNetwork } from './networks.js';

const MOST_ENTRIES = 100_000;
/** Each perceptual hash that is submitted is compared with each of them. */
const MOST_NEAR_HASHES = 5_000;
const LONGEST_TITLE = 300;
const MOST_PROBLEMS = 20;
/** Lengths of MD5, SHA-1, SHA-256 and SHA-512 in hexadecimal. */
const DIGEST = /^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/;
const NOT_IN_A_HOST = /[\s/?#@:\\%*]/;
/** Digests in MISP's lists of which there are no signals: SHA-224, SHA-384, ssdeep. */
const NO_SIGNAL_TYPE = /^([0-9a-f]{56}|[0-9a-f]{96}|\d+:[^:]*:[^:]*)$/i;

/** What the types of MISP warninglists are good for here. */
const MISP_TYPES = new Map<unknown, true | string>(
  Object.entries({
    string: true,
    hostname: true,
    cidr: true,
    substring: 'A list of type substring is not read: a part of a text says nothing about how specific a signal is.',
    regex: 'A list of type regex is not read: patterns of others are programs, and nobody sees what they would hold.',
  }),
);

function refuse(problem: string, problems?: string[]): never {
  throw rejection('TOC_REQUEST_PARAMETER', problem, problems && { problems });
}

/** A host in canonical form; undefined when it is none, or as wide as a top-level domain. */
function readHost(entry: string): string | undefined {
  const bare = entry
    .trim()
    .replace(/^(\*?\.)/, '')
    .replace(/\.$/, '');
  if (!bare.includes('.') || NOT_IN_A_HOST.test(bare)) return undefined;
  return URL.parse(`https://${bare}/`)?.hostname;
}

/** A host, or an address or network. */
function readPlace(entry: string): string | undefined {
  return readNetwork(entry) ?? readHost(entry);
}

function readNearHash(entry: string): string | undefined {
  const hash = canonicalise('pdq', entry);
  return hash.ok ? hash.value : undefined;
}

function readDigest(entry: string): string | undefined {
  const digest = entry.trim().toLowerCase();
  return DIGEST.test(digest) ? digest : undefined;
}

/** Canonical entries, sorted, each once. */
function readEntries(judges: Judges, given: unknown, leftOut?: RegExp): string[] {
  const most = judges === 'near-hash' ? MOST_NEAR_HASHES : MOST_ENTRIES;
  if (!Array.isArray(given) || given.length > most) refuse(`A list holds up to ${most} entries.`);
  const readEntry = judges === 'digest' ? readDigest : judges === 'near-hash' ? readNearHash : readPlace;
  const entries = new Set<string>();
  const wrong: number[] = [];
  given.forEach((one: unknown, index) => {
    const entry = typeof one === 'string' ? readEntry(one) : undefined;
    if (entry !== undefined) entries.add(entry);
    else if (typeof one !== 'string' || !leftOut?.test(one)) wrong.push(index);
  });
  if (wrong.length > 0) {
    const kind =
      judges === 'digest' ? 'a hexadecimal digest' : judges === 'near-hash' ? 'a PDQ hash' : 'a host name or network';
    const problems = wrong.slice(0, MOST_PROBLEMS).map((index) => `entry ${index} is not ${kind}`);
    refuse(`${wrong.length} entries are not valid.`, problems);
  }
  return [...entries].sort();
}

function readJudges(given: unknown): Judges {
  return JUDGES.find((word) => word === given) ?? refuse(`judges must be one of ${JUDGES.join(', ')}.`);
}

function readTitle(given: unknown): string {
  if (typeof given === 'string' && given.trim() !== '' && given.length <= LONGEST_TITLE) return given.trim();
  return refuse(`The title must have 1 to ${LONGEST_TITLE} characters.`);
}

function readWarninglist({ type, name, list }: Record<string, unknown>, judges?: string): ListContent {
  const usable = MISP_TYPES.get(type);
  if (usable === undefined) refuse('A warninglist must be of type string, hostname or cidr.');
  if (usable !== true) refuse(usable);
  const judged = readJudges(judges);
  const leftOut = judged === 'digest' ? NO_SIGNAL_TYPE : undefined;
  return { title: readTitle(name), judges: judged, entries: readEntries(judged, list, leftOut) };
}

/**
 * Reads a list, either as `{title, judges, entries}` or as a MISP warninglist, `{name, type, list, …}`, of which
 * everything else is left out, digests that no signal has included. Of MISP's types, `string`, `hostname` and `cidr` are
 * read; `substring` and `regex` are refused.
 * @param judges says what a MISP warninglist judges, since it cannot; an own list may leave it to this as well
 * @throws a rejection `TOC_REQUEST_PARAMETER` naming the positions of wrong entries, never the entries
 */
export function readProtectedList(given: unknown, judges?: string): ListContent {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) refuse('A list is a JSON object.');
  const fields: Record<string, unknown> = { ...given };
  if ('list' in fields && 'name' in fields) return readWarninglist(fields, judges);
  const { title, entries, judges: own, ...others } = fields;
  if (Object.keys(others).length > 0) refuse('A list says title, judges and entries, nothing else.');
  const judged = readJudges(own ?? judges);
  return { title: readTitle(title), judges: judged, entries: readEntries(judged, entries) };
}
