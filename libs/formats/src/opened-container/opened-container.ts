import { strictestTlp, TocsinError, type StatementDraft, type Tlp } from '#libs/domain';
import type { ByteSource, Format, HeadMarking, ReadBatch, ReadItem, ReadOptions } from '../format.js';
import { checkText } from '../text/checked-text.js';
import { underHead } from '../text/marking-of-head.js';
import { EXAMPLES } from './examples.js';
import { beginsAsFraming, readFrames, sourceOfFrame, type Frame } from './framing.js';

/** An item as the container counts positions. */
function placed(item: ReadItem, before: number): ReadItem {
  return item.kind === 'advisory' ? item : { ...item, position: item.position + before };
}

/** The strictest that any of the documents says of the whole of itself; what is not known means nobody. */
async function markingOfAll(
  source: ByteSource,
  frames: readonly Frame[],
  formats: ReadonlyMap<string, Format>,
): Promise<HeadMarking> {
  let said: Tlp | undefined;
  for (const frame of frames) {
    if (frame.bytes === 0) continue;
    const marking = (await formats.get(frame.format)?.markingOf?.(sourceOfFrame(source, frame))) ?? {};
    if (marking === 'unknown') return 'unknown';
    const tlp = marking.draft?.marking?.tlp;
    if (tlp) said = said ? strictestTlp(said, tlp) : tlp;
  }
  return said ? { draft: { marking: { tlp: said } } } : {};
}

/** A draft that says at least the marking of the whole. */
function under(draft: StatementDraft | undefined, tlp: Tlp): StatementDraft {
  const own = draft?.marking?.tlp;
  return { ...draft, marking: { ...draft?.marking, tlp: own ? strictestTlp(own, tlp) : tlp } };
}

function underAll(item: ReadItem, marking: HeadMarking): ReadItem {
  if (marking === 'unknown') return underHead(item, marking);
  const tlp = marking.draft?.marking?.tlp;
  if (!tlp || (item.kind !== 'candidate' && item.kind !== 'advisory')) return item;
  return { ...item, draft: under(item.draft, tlp) };
}

/** A document that cannot be read costs itself only: it is one item, at the first of its positions. */
function refusedDocument({ positionsBefore }: Frame, thrown: unknown): ReadItem {
  if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
  const code = thrown.code as Extract<ReadItem, { kind: 'rejected' }>['code'];
  return { kind: 'rejected', position: positionsBefore + 1, code, detail: thrown.detail };
}

/** One reading of a framing, which hands each document to its own format. */
class FramingReader {
  private items: ReadItem[] = [];
  private counted = 0;
  private next = { byte: 0, items: 0, position: 0 };

  constructor(
    private readonly source: ByteSource,
    private readonly options: ReadOptions,
    private readonly formats: ReadonlyMap<string, Format>,
    private readonly marking: HeadMarking,
  ) {}

  /** Reads the documents in order; those before a checkpoint are counted and passed over. */
  async *read(frames: readonly Frame[]): AsyncIterable<ReadBatch> {
    const from = this.options.from;
    for (const frame of frames) {
      if (from && frame.start + frame.bytes < from.byte) await this.count(frame);
      else yield* this.readFrame(frame, from && from.byte >= frame.start ? from : undefined);
    }
    if (this.items.length > 0) yield this.flush();
  }

  private async *readFrame(frame: Frame, from: ReadOptions['from']): AsyncIterable<ReadBatch> {
    const before = this.counted;
    const inner = from && {
      byte: from.byte - frame.start,
      items: from.items - before,
      position: from.position - frame.positionsBefore,
    };
    // It was refused as a whole, and that is where the reading ended.
    if (inner && inner.items === 1 && inner.byte === frame.bytes && inner.position === 1) {
      const refused = await this.refusalOf(frame);
      if (refused) {
        this.counted += 1;
        return;
      }
    }
    if (inner) this.counted = before + inner.items;
    const options = { ...this.own(frame), batchSize: this.room(), ...(inner ? { from: inner } : {}) };
    let hasBegun = false;
    try {
      for await (const { items, next } of this.openFrame(frame, options)) {
        hasBegun = true;
        for (const item of items) this.take(item, frame);
        this.next = {
          byte: frame.start + next.byte,
          items: this.counted,
          position: frame.positionsBefore + next.position,
        };
        if (this.room() <= 0) yield this.flush();
        options.batchSize = this.room();
      }
    } catch (thrown) {
      if (hasBegun) throw thrown;
      this.takeRefusal(refusedDocument(frame, thrown), frame);
      if (this.room() <= 0) yield this.flush();
    }
  }

  private openFrame(frame: Frame, options: ReadOptions): AsyncIterable<ReadBatch> {
    const format = this.formats.get(frame.format);
    if (!format) throw new TocsinError('TOC_SUBMISSION_FORMAT', 'there is no format of that id');
    return format.read(sourceOfFrame(this.source, frame), options);
  }

  /** What is said of columns is said of tables only. */
  private own({ format }: Frame): ReadOptions {
    const { columns, delimiter, from: _from, ...others } = this.options;
    return format === 'csv-list' || format === 'ndjson-list' ? { ...others, columns, delimiter } : others;
  }

  private async refusalOf(frame: Frame): Promise<ReadItem | undefined> {
    try {
      for await (const _batch of this.openFrame(frame, { ...this.own(frame), batchSize: 1 })) return undefined;
      return undefined;
    } catch (thrown) {
      return refusedDocument(frame, thrown);
    }
  }

  /** Counts the items of a document that was read before. */
  private async count(frame: Frame): Promise<void> {
    let hasBegun = false;
    try {
      for await (const { items } of this.openFrame(frame, { ...this.own(frame), batchSize: 1000 })) {
        hasBegun = true;
        this.counted += items.filter(({ kind }) => kind !== 'advisory').length;
      }
    } catch (thrown) {
      if (hasBegun) throw thrown;
      refusedDocument(frame, thrown);
      this.counted += 1;
    }
  }

  private take(item: ReadItem, { positionsBefore }: Frame): void {
    this.items.push(underAll(placed(item, positionsBefore), this.marking));
    if (item.kind !== 'advisory') this.counted += 1;
  }

  private takeRefusal(item: ReadItem, frame: Frame): void {
    this.items.push(item);
    this.counted += 1;
    this.next = { byte: frame.start + frame.bytes, items: this.counted, position: frame.positionsBefore + 1 };
  }

  private room(): number {
    return this.options.batchSize - this.items.filter(({ kind }) => kind !== 'advisory').length;
  }

  private flush(): ReadBatch {
    const batch = { items: this.items, next: { ...this.next } };
    this.items = [];
    return batch;
  }
}

/**
 * The documents of a container that intake opened, each read by its own format. It is written by intake alone; its
 * positions count through all the documents, and the receipt says which belong to which.
 * @param formats those of the documents
 */
export function openedContainer(formats: ReadonlyMap<string, Format>): Format {
  return {
    id: 'opened-container',
    title: 'Documents of an opened container (written by intake only)',
    mediaTypes: [],
    fileExtensions: [],
    isInternal: true,
    positionUnit: 'line',

    detect: (head) => (beginsAsFraming(head) ? 1 : 0),

    async *read(source, options) {
      await checkText(source);
      const frames = await readFrames(source);
      const marking = await markingOfAll(source, frames, formats);
      yield* new FramingReader(source, options, formats, marking).read(frames);
    },

    examples: EXAMPLES,
  };
}
