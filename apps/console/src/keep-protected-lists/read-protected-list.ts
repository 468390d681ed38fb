import { rejection } from '#libs/domain';
import type { ProtectedList } from '#libs/persistence';
import type { ProtectedListRow } from '../plain.js';

/** Which hits of a list hold an item; see {@link ProtectedList}. */
export const JUDGES = ['any-hit', 'whole-host', 'digest'] as const satisfies readonly ProtectedList['judges'][];

/** What a new version of a list says. */
export type ListContent = Pick<ProtectedList, 'title' | 'judges' | 'entries'>;

const MOST_ENTRIES = 100_000;
const LONGEST_TITLE = 300;
const MOST_PROBLEMS = 20;
/** Lengths of MD5, SHA-1, SHA-256 and SHA-512 in hexadecimal. */
const DIGEST = /^([0-9a-f]{32}|[0-9a-f]{40}|[0-9a-f]{64}|[0-9a-f]{128})$/;
const NOT_IN_A_HOST = /[\s/?#@:\\%]/;

/** Kinds of MISP warninglists whose entries are whole values; patterns and networks judge nothing here. */
const MISP_TYPES = ['hostname', 'string'];

function refuse(problem: string, problems?: string[]): never {
  throw rejection('TOC_REQUEST_PARAMETER', problem, problems && { problems });
}

/** A host in canonical form; undefined when it is none, or as wide as a top-level domain. */
function readHost(entry: string): string | undefined {
  const bare = entry.trim().replace(/^\./, '').replace(/\.$/, '');
  if (!bare.includes('.') || NOT_IN_A_HOST.test(bare) || !URL.canParse(`https://${bare}/`)) return undefined;
  return new URL(`https://${bare}/`).hostname;
}

function readDigest(entry: string): string | undefined {
  const digest = entry.trim().toLowerCase();
  return DIGEST.test(digest) ? digest : undefined;
}

/** Canonical entries, sorted, each once. */
function readEntries(judges: ProtectedListRow['judges'], given: unknown): string[] {
  if (!Array.isArray(given) || given.length > MOST_ENTRIES) refuse(`A list holds up to ${MOST_ENTRIES} entries.`);
  const readEntry = judges === 'digest' ? readDigest : readHost;
  const entries = new Set<string>();
  const wrong: number[] = [];
  given.forEach((one: unknown, index) => {
    const entry = typeof one === 'string' ? readEntry(one) : undefined;
    if (entry === undefined) wrong.push(index);
    else entries.add(entry);
  });
  if (wrong.length > 0) {
    const kind = judges === 'digest' ? 'a hexadecimal digest' : 'a host name';
    const problems = wrong.slice(0, MOST_PROBLEMS).map((index) => `entry ${index} is not ${kind}`);
    refuse(`${wrong.length} entries are not valid.`, problems);
  }
  return [...entries].sort();
}

function readJudges(given: unknown): ProtectedListRow['judges'] {
  return JUDGES.find((word) => word === given) ?? refuse(`judges must be one of ${JUDGES.join(', ')}.`);
}

function readTitle(given: unknown): string {
  if (typeof given === 'string' && given.trim() !== '' && given.length <= LONGEST_TITLE) return given.trim();
  return refuse(`The title must have 1 to ${LONGEST_TITLE} characters.`);
}

/**
 * Reads a list, either as `{title, judges, entries}` or as a MISP warninglist, `{name, type, list, …}`, of which
 * everything else is left out.
 * @param judges says what a MISP warninglist judges, since it cannot; an own list may leave it to this as well
 * @throws a rejection `TOC_REQUEST_PARAMETER` naming the positions of wrong entries, never the entries
 */
export function readProtectedList(given: unknown, judges?: string): ListContent {
  if (typeof given !== 'object' || given === null || Array.isArray(given)) refuse('A list is a JSON object.');
  const fields: Record<string, unknown> = { ...given };
  if ('list' in fields && 'name' in fields) {
    if (!MISP_TYPES.includes(String(fields.type))) refuse(`A warninglist must be of type ${MISP_TYPES.join(' or ')}.`);
    const judged = readJudges(judges);
    return { title: readTitle(fields.name), judges: judged, entries: readEntries(judged, fields.list) };
  }
  const { title, entries, judges: own, ...others } = fields;
  if (Object.keys(others).length > 0) refuse('A list says title, judges and entries, nothing else.');
  const judged = readJudges(own ?? judges);
  return { title: readTitle(title), judges: judged, entries: readEntries(judged, entries) };
}
