import { createHash } from 'node:crypto';
import { compareTlp, type Tlp } from '#libs/domain';
import type { CandidateSignal, GuardRecord, ReadItem } from '#libs/formats';

/** What a document is packed into, and what of it is not. */
export interface Packed {
  records: GuardRecord[];
  /** The strictest label in the document. */
  tlp?: Tlp;
  /** Items that were left out, by why. */
  leftOut: Record<string, number>;
}

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
const MOST_SIGNALS = 20;

/** An id that is the same for the same signals, whenever they are packed. */
function idOf(signals: readonly CandidateSignal[]): string {
  const text = signals.map(({ type, value }) => `${type} ${value}`).join('\n');
  return `s-${createHash('sha256').update(text).digest('hex').slice(0, 40)}`;
}

/** Packs the items of a document one after another. */
export class RecordPacker {
  private readonly packed: Packed = { records: [], leftOut: {} };

  /** All that was packed so far. */
  get result(): Packed {
    return this.packed;
  }

  take(item: ReadItem): void {
    const record = this.recordOf(item);
    if (typeof record === 'string') this.packed.leftOut[record] = (this.packed.leftOut[record] ?? 0) + 1;
    else this.packed.records.push(record);
  }

  /** @returns the record, or why there is none */
  private recordOf(item: ReadItem): GuardRecord | string {
    if (item.kind === 'advisory') return 'advisory';
    if (item.kind === 'forbidden') return 'forbidden';
    if (item.kind === 'rejected') return item.code;
    if (item.kind === 'ignored') return `ignored: ${item.what}`;
    const modified = item.objectModified ? new Date(item.objectModified).toISOString() : undefined;
    const version = modified === undefined ? {} : { modified };
    if (item.kind === 'revocation')
      return ID.test(item.objectRef) ? { record: 'retraction', id: item.objectRef, ...version } : 'id';
    const { signals, objectRef, draft } = item;
    if (signals.length > MOST_SIGNALS) return 'too many signals';
    // A file has one label for all; what limits an item in another way cannot be said in it.
    if (draft?.marking?.releasableTo !== undefined || (draft?.marking?.caveats?.length ?? 0) > 0) return 'marking';
    this.strictest(draft?.marking?.tlp);
    const id = objectRef !== undefined && ID.test(objectRef) ? objectRef : idOf(signals);
    return { record: 'item', id, ...version, signals };
  }

  private strictest(tlp: Tlp | undefined): void {
    if (tlp && (!this.packed.tlp || compareTlp(tlp, this.packed.tlp) > 0)) this.packed.tlp = tlp;
  }
}
