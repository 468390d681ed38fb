import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import { rejection } from '#libs/domain';
import type { DroppedKind, DroppedThing, OpenedDocument } from './contents.js';
import type { OpeningLimits } from './limits.js';

/** Dropped things that are named one by one; of the others only the number is told. */
const MOST_NAMED = 256;
const LONGEST_NAME = 200;
/** Bytes from which on a ratio of compression says anything. */
const RATIO_FROM = 4 * 1024 * 1024;

/** Tells what opens bytes; undefined: they are no container. */
export type Recogniser = (
  bytes: Buffer,
  mediaType: string,
) => Promise<{ open(bytes: Buffer, opening: Opening): Promise<void> } | undefined>;

/** A name as it may be told: one line, bounded. */
function toldName(name: string): string {
  const line = name
    .replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim()
    .slice(0, LONGEST_NAME);
  return line === '' ? 'without a name' : line;
}

/**
 * The opening of one container and of what lies in it: gathers documents and names what is dropped, within limits that
 * hold for all of it together.
 */
export class Opening {
  readonly documents: OpenedDocument[] = [];
  readonly dropped: DroppedThing[] = [];
  droppedMore = 0;
  private readonly asides: string[] = [];
  private inside = 0;
  private kept = 0;
  private entries = 0;
  private depth = 0;
  private path: string[] = [];

  constructor(
    readonly limits: OpeningLimits,
    private readonly recognise: Recogniser,
    private readonly isTable: (csv: Buffer) => boolean,
  ) {}

  /** What is looked at for markings and is not kept: properties, header fields of a mail. */
  get aside(): Buffer {
    return Buffer.from(this.asides.join('\n'));
  }

  /** Counts an entry, part or page. @throws a rejection `TOC_SUBMISSION_CONTAINER` beyond the limit */
  countEntry(): void {
    this.entries += 1;
    if (this.entries > this.limits.entries) {
      throw this.refused(`it holds more than ${this.limits.entries} entries`, 'entries');
    }
  }

  /**
   * Counts bytes that came out of the container.
   * @param compressed how many bytes the entry has as it lies in the container
   * @param soFar how many bytes came out of the entry
   * @throws a rejection `TOC_SUBMISSION_TOO_LARGE` beyond the limit
   */
  charge(bytes: number, compressed?: number, soFar = 0): void {
    this.inside += bytes;
    if (compressed !== undefined && soFar > RATIO_FROM && soFar > compressed * this.limits.ratio) {
      throw tooLarge(`an entry becomes more than ${this.limits.ratio} times as long`, 'ratio');
    }
    if (this.inside > this.limits.insideBytes) {
      throw tooLarge(`it holds more than ${this.limits.insideBytes} bytes`, 'inside');
    }
  }

  /** The rejection of this container. `why` is a token. */
  refused(sentence: string, why: string): Error {
    return rejection('TOC_SUBMISSION_CONTAINER', `the container cannot be opened: ${sentence}`, { why });
  }

  /** Keeps prose, unless it says nothing. */
  keepProse(name: string, text: string): void {
    if (text.trim() !== '')
      this.keep({ name: this.nameOf(name), kind: 'prose', text: Buffer.from(text.toWellFormed()) });
  }

  /** Keeps a table as CSV. @param asProse the same rows for people, in case no column is known */
  keepSheet(name: string, csv: string, asProse: () => string): void {
    if (csv.trim() === '') return;
    const text = Buffer.from(csv.toWellFormed());
    if (this.isTable(text)) this.keep({ name: this.nameOf(name), kind: 'sheet', text });
    else this.keepProse(name, asProse());
  }

  /** Has text looked at for markings without keeping it. */
  lookAt(text: string): void {
    if (text !== '') this.asides.push(text.toWellFormed().replaceAll('\0', ' '));
  }

  /** Names something and forgets its bytes. */
  drop(name: string, kind: DroppedKind, bytes: Uint8Array): void {
    if (this.dropped.length >= MOST_NAMED) {
      this.droppedMore += 1;
      return;
    }
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    this.dropped.push({ name: this.nameOf(name), kind, bytes: bytes.length, sha256 });
  }

  /** Takes a file that lies in the container: opens it when it is one itself, keeps it when it is text, or drops it. */
  async takeFile(name: string, bytes: Buffer, mediaType = ''): Promise<void> {
    if (bytes.length === 0) return;
    const container = await this.recognise(bytes, mediaType);
    if (container) {
      if (this.depth >= this.limits.depth) this.drop(name, 'nested-too-deep', bytes);
      else await this.within(name, () => container.open(bytes, this));
    } else if (/^(?:image|video|audio|font)\//.test(mediaType)) this.drop(name, 'media', bytes);
    else if (bytes.includes(0) || !isUtf8(bytes)) this.drop(name, kindOfBytes(name, mediaType), bytes);
    else this.keep({ name: this.nameOf(name), kind: 'file', text: bytes });
  }

  /** Opens a container, the outermost or one that lies in it. */
  async within(name: string, open: () => Promise<void>): Promise<void> {
    this.depth += 1;
    this.path.push(name);
    try {
      await open();
    } finally {
      this.path.pop();
      this.depth -= 1;
    }
  }

  private keep(document: OpenedDocument): void {
    this.kept += document.text.length;
    if (this.kept > this.limits.textBytes)
      throw tooLarge(`it holds more than ${this.limits.textBytes} bytes of text`, 'text');
    if (this.documents.length >= this.limits.documents) {
      throw this.refused(`it holds more than ${this.limits.documents} documents`, 'documents');
    }
    this.documents.push(document);
  }

  private nameOf(name: string): string {
    return toldName([...this.path, name].filter((step) => step !== '').join(' › '));
  }
}

function tooLarge(sentence: string, why: string): Error {
  return rejection('TOC_SUBMISSION_TOO_LARGE', `the container cannot be opened: ${sentence}`, { why });
}

/** What bytes that are no text most likely are. */
function kindOfBytes(name: string, mediaType: string): DroppedKind {
  if (
    /\.(?:jpe?g|png|gif|webp|bmp|tiff?|heic|avif|svg|mp[34]|mov|avi|mkv|webm|m4[av]|wav|ogg|wmv|[ew]mf)$/i.test(name)
  ) {
    return 'media';
  }
  if (/vba|macro/i.test(name) || /\.(?:exe|dll|js|vbs|ps1|bat|scr|lnk|jar)$/i.test(name)) return 'macro';
  return /ole|embedd/i.test(`${name} ${mediaType}`) ? 'embedded-object' : 'not-text';
}
