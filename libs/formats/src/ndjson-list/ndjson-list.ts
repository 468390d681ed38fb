import type { RejectionCode } from '#libs/domain';
import type { Format, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { itemOfValues, type NamedValue } from '../list-values/item-of-values.js';
import { isNotForDetection, isWidestDistribution, roleOf, shownName, wordOf, type Role } from '../list-values/words.js';
import { markingOfTags, tagsIn, tlpWithin } from '../marking-tags/marking-tags.js';
import { linesOfHead } from '../text/lines-of-head.js';
import type { Line } from '../text/line-splitter.js';
import { markingOfList } from '../text/marking-of-head.js';
import { readByLine } from '../text/read-by-line.js';
import { EXAMPLES } from './examples.js';
import { readJsonLine, type JsonLine } from '../json/json-line.js';

const PROBLEMS: Readonly<Record<Extract<JsonLine, { problem: string }>['problem'], [RejectionCode, string]>> = {
  syntax: ['TOC_ITEM_MALFORMED', 'the line is not JSON'],
  shape: ['TOC_ITEM_MALFORMED', 'the line is not a JSON object'],
  nesting: ['TOC_ITEM_MALFORMED', 'the line is nested too deeply'],
  duplicate: ['TOC_ITEM_DUPLICATE_KEY', 'the object says one key twice'],
};

const NOT_DELETED: ReadonlySet<unknown> = new Set([false, 0, 'false', '0', 'no']);

/** Tells the role of a key, remembering names that were seen; the number of names that a document invents is bounded. */
class KeyRoles {
  private readonly remembered = new Map<string, Role | undefined>();

  constructor(private readonly columns: ReadOptions['columns']) {}

  of(key: string): Role | undefined {
    if (this.remembered.has(key)) return this.remembered.get(key);
    const role = this.tell(key);
    if (this.remembered.size < 1000) this.remembered.set(key, role);
    return role;
  }

  private tell(key: string): Role | undefined {
    const { value, type, quality } = this.columns ?? {};
    const word = wordOf(key);
    if (value !== undefined && wordOf(value) === word) return { role: 'value' };
    if (type !== undefined && wordOf(type) === word) return { role: 'type' };
    if (quality !== undefined && wordOf(quality) === word) return { role: 'quality' };
    const role = roleOf(key);
    const saidOtherwise =
      (role?.role === 'value' && value) || (role?.role === 'type' && type) || (role?.role === 'quality' && quality);
    return saidOtherwise ? undefined : role;
  }
}

/** Every text, number and truth in a value, however it is nested; lines are not nested deeply. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value === 'number' || typeof value === 'boolean') return [String(value)];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

function itemOf(
  { text, number: position }: Line,
  roles: KeyRoles,
  signalType: ReadOptions['signalType'],
): ReadItem | undefined {
  if (text.trim() === '') return undefined;
  const rejected = (code: RejectionCode, detail: string): ReadItem => ({ kind: 'rejected', position, code, detail });
  const line = readJsonLine(text);
  if ('problem' in line) return rejected(...PROBLEMS[line.problem]);
  const values: NamedValue[] = [];
  let typeWord: string | undefined;
  let quality: string | number | undefined;
  let deleted = false;
  let isForContext = false;
  const tlp: string[] = [];
  let isMarkedOtherwise = false;
  for (const [key, said] of Object.entries(line.object)) {
    const role = roles.of(key);
    if (!role && said !== null) tlp.push(...textsIn(said).flatMap(tlpWithin));
    if (!role || said === null || said === '') continue;
    if (role.role === 'deleted') deleted ||= !NOT_DELETED.has(said);
    else if (role.role === 'to-ids') isForContext ||= textsIn(said).some(isNotForDetection);
    else if (role.role === 'tags') {
      const marking = markingOfTags(textsIn(said).flatMap(tagsIn));
      tlp.push(...marking.tlp);
      isMarkedOtherwise ||= marking.isMarkedOtherwise;
    } else if (role.role === 'distribution') isMarkedOtherwise ||= !textsIn(said).every(isWidestDistribution);
    else if (role.role === 'marking') isMarkedOtherwise ||= !(Array.isArray(said) && said.length === 0);
    else if (role.role === 'quality' && typeof said === 'number') quality = said;
    else if (typeof said !== 'string') return rejected('TOC_ITEM_MALFORMED', `${shownName(key)}: text was expected`);
    else if (role.role === 'type') typeWord = said;
    else if (role.role === 'quality') quality = said;
    else if (role.role === 'tlp') tlp.push(said);
    else if (said.trim() !== '') values.push({ name: shownName(key), raw: said.trim(), type: role.type });
  }
  if (values.length === 0 && !deleted) return rejected('TOC_ITEM_VALUE', 'no key holds a value');
  const spokenOf = values.find(({ type }) => type === undefined);
  if (spokenOf) {
    spokenOf.typeWord = typeWord;
    for (const value of values) value.type ??= signalType;
  }
  return itemOfValues({
    ...{ position, values, quality, deleted, tlp, isMarkedOtherwise },
    isNotForDetection: isForContext,
  });
}

/** One JSON object a line. */
export const ndjsonList: Format = {
  id: 'ndjson-list',
  title: 'List of values as JSON objects, one a line (NDJSON)',
  mediaTypes: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
  fileExtensions: ['.ndjson', '.jsonl'],
  positionUnit: 'line',

  detect(head) {
    const first = linesOfHead(head).find((line) => line.trim() !== '');
    const line = first ? readJsonLine(first) : undefined;
    if (!line || 'problem' in line) return 0;
    const { object } = line;
    return Object.keys(object).some((key) => roleOf(key)?.role === 'value' && typeof object[key] === 'string')
      ? 0.95
      : 0;
  },

  read(source, options): AsyncIterable<ReadBatch> {
    const roles = new KeyRoles(options.columns);
    return readByLine(source, options, (line) => itemOf(line, roles, options.signalType));
  },

  markingOf: markingOfList,

  examples: EXAMPLES,
};
