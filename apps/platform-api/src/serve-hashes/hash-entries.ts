import { HASHES_TOLD } from '#libs/connectors';
import type { RowRecord, WithdrawalRecord } from '#libs/events';

/** The one member of the exchange: agencies are not named, since a withdrawal names none, and keys hold the member. */
const MEMBER_ID = 1;
const NAMESPACE = 'https://hashsharing.ncmec.org/hashsharing/v2';
const HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

type Told = (typeof HASHES_TOLD)[keyof typeof HASHES_TOLD];

/** One entry as XML, and the list in which it belongs. */
interface HashEntry {
  list: Told['entry'];
  xml: string;
}

/**
 * Writes records as an answer of `GET /v2/entries` of NCMEC's hash exchange, version 2. A row that was withdrawn is a
 * tombstone with its id and nothing else (I4). Of each row only the last is written, because images stand before videos.
 * @param records as published, in the order in which they apply
 * @param next path by which a client goes on; absent where it shall stop
 */
export function entriesAnswer(
  exchangeName: string,
  records: readonly string[],
  { now, next }: { now: Date; next?: string },
): string {
  const at = `${now.toISOString().slice(0, 19)}Z`;
  const entries = new Map<string, HashEntry>();
  for (const text of records) {
    const record = JSON.parse(text) as RowRecord | WithdrawalRecord | { type: 'membership-ended' };
    if (record.type === 'membership-ended') continue;
    const entry = entryOf(record, exchangeName);
    if (entry) entries.set((record as RowRecord).row_id, entry);
  }
  const lists = (['image', 'video'] as const).map((list) => {
    const listed = [...entries.values()].filter((entry) => entry.list === list).map(({ xml }) => xml);
    return `<${list}s count="${listed.length}" maxTimestamp="${at}">${listed.join('')}</${list}s>`;
  });
  const paging = next === undefined ? '' : `<paging><next>${escaped(next)}</next></paging>`;
  return `${HEAD}<queryResult xmlns="${NAMESPACE}">${lists.join('')}${paging}</queryResult>`;
}

/** Who somebody is here, and who the members are: the exchange in both cases. */
export function membersAnswer(root: 'status' | 'members', exchangeName: string): string {
  return `${HEAD}<${root} xmlns="${NAMESPACE}">${member(exchangeName)}</${root}>`;
}

/** A withdrawal does not say what it was of, so its tombstone is always of an image: what counts is its id. */
function entryOf(record: RowRecord | WithdrawalRecord, exchangeName: string): HashEntry | undefined {
  const head = `${member(exchangeName)}<timestamp>${escaped(record.published_at)}</timestamp><id>${escaped(record.row_id)}</id>`;
  if (!('signal' in record)) return { list: 'image', xml: `<deletedImage>${head}</deletedImage>` };
  const { signal, harms } = record;
  const told: Told | undefined = signal && HASHES_TOLD[signal.type as keyof typeof HASHES_TOLD];
  if (!signal || !told) return undefined;
  const { entry, fingerprint } = told;
  const value = `<fingerprints><${fingerprint}>${escaped(signal.value)}</${fingerprint}></fingerprints>`;
  const classification = `<classification>${escaped(harms.join(' '))}</classification>`;
  return { list: entry, xml: `<${entry}>${head}${classification}${value}</${entry}>` };
}

function member(exchangeName: string): string {
  return `<member id="${MEMBER_ID}">${escaped(exchangeName)}</member>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
