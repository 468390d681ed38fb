import { readTlp, strictestTlp, type Tlp } from '#libs/domain';
import type { ByteSource, HeadMarking, ReadItem } from '../format.js';
import { linesOfHead } from './lines-of-head.js';

/** Within so many bytes a list says in comments how it is marked. */
const HEAD_BYTES = 4096;
/** A label that begins or ends a comment; in the middle of a sentence it is a mention. */
const LABELS = [/^TLP\s*:\s*(amber\s*[+_ -]\s*strict|[a-z]+)/i, /\bTLP\s*:\s*(amber\s*[+_ -]\s*strict|[a-z]+)\W*$/i];

/** A source that keeps its first bytes when they are read. */
export class RememberedHead implements ByteSource {
  readonly size: number;
  private head?: Buffer;

  constructor(private readonly source: ByteSource) {
    this.size = source.size;
  }

  async *open(fromByte = 0): AsyncIterable<Uint8Array> {
    let head = fromByte === 0 && !this.head ? Buffer.alloc(0) : undefined;
    for await (const piece of this.source.open(fromByte)) {
      if (head && head.length < HEAD_BYTES) {
        head = Buffer.concat([head, piece.subarray(0, HEAD_BYTES - head.length)]);
        if (head.length === HEAD_BYTES) this.head = head;
      }
      yield piece;
    }
    this.head ??= head;
  }

  async firstBytes(): Promise<Uint8Array> {
    if (this.head) return this.head;
    let head = Buffer.alloc(0);
    for await (const piece of this.source.open()) {
      head = Buffer.concat([head, piece.subarray(0, HEAD_BYTES)]);
      if (head.length >= HEAD_BYTES) break;
    }
    this.head = head.subarray(0, HEAD_BYTES);
    return this.head;
  }
}

/**
 * Reads labels of TLP in the comments before the first item, `# TLP:AMBER`; the strictest counts, and one that is not
 * known means nobody.
 */
export function markingOfHead(head: Uint8Array): HeadMarking {
  let said: Tlp | undefined;
  for (const line of linesOfHead(head)) {
    const text = line.trim();
    if (text !== '' && !text.startsWith('#')) break;
    const comment = text.replace(/^[#\s*=-]+/, '');
    for (const pattern of LABELS) {
      const label = pattern.exec(comment)?.[1];
      if (label === undefined) continue;
      const tlp = readTlp(label.replace(/^(amber)\W*_?\W*(strict)$/i, '$1+$2'));
      if (!tlp) return 'unknown';
      said = said ? strictestTlp(said, tlp) : tlp;
    }
  }
  return said ? { draft: { marking: { tlp: said } } } : {};
}

/** {@link markingOfHead} of a document that was not read yet. */
export async function markingOfList(source: ByteSource): Promise<HeadMarking> {
  return markingOfHead(await new RememberedHead(source).firstBytes());
}

/** An item under what the head says: its own label can only be stricter. */
export function underHead(item: ReadItem, head: HeadMarking): ReadItem {
  if (item.kind !== 'candidate') return item;
  if (head === 'unknown') {
    const { position } = item;
    const detail = 'the list says a label of TLP that is not known, so nobody may receive it';
    return { kind: 'rejected', position, code: 'TOC_ITEM_MARKING', detail };
  }
  const [all, own] = [head.draft?.marking?.tlp, item.draft?.marking?.tlp];
  if (!all) return item;
  return own ? { ...item, draft: { marking: { tlp: strictestTlp(all, own) } } } : { ...item, draft: head.draft };
}
