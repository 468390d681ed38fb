import { setImmediate as nextTurn } from 'node:timers/promises';
import { rejection, transient } from '#libs/domain';
import {
  mayBeContainer,
  openInChild,
  OPENING_LIMITS,
  storedDocument,
  type SaidBeside,
  type StoredDocument,
} from '#libs/containers';
import type { SubmissionParameters } from '#libs/events';
import { Turns } from '../accept-submission/turns.js';
import type { DeclaredLevel } from '../scan-parts/find-level-marks.js';
import { PartScanner } from '../scan-parts/part-scanner.js';

/** Containers that are opened at once. */
const AT_ONCE = 2;
/** Bytes of containers that are held while they arrive and wait, all together. */
const MOST_HELD = 3 * OPENING_LIMITS.containerBytes;
const LONGEST_WAIT_MS = 30_000;
/** Bytes that are looked through in one turn of the event loop. */
const SLICE = 512 * 1024;

/** Opens containers in memory before anything of them is kept: text stays, the rest is dropped and named. */
export class ContainerOpener {
  private readonly turns = new Turns(AT_ONCE);
  private held = 0;

  constructor(private readonly level: DeclaredLevel) {}

  /**
   * Reads a container to its end and opens it in a child process; what was inside is looked through like any document.
   * @param head the first bytes of the document, by which containers are told
   * @returns undefined, with the document not read, when it is no container that is opened
   * @throws the rejections of a container and of a document, `TOC_SUBMISSION_TOO_LARGE`; a transient
   *   `TOC_REQUEST_TOO_MANY` while too much is being opened
   */
  async open(
    head: Uint8Array,
    document: AsyncIterable<Buffer>,
    mediaType: string | undefined,
    { format, columns }: Pick<SubmissionParameters, 'format' | 'columns'>,
  ): Promise<StoredDocument | undefined> {
    const said = { mediaType, format, hasColumns: columns !== undefined };
    return mayBeContainer(head, said) ? this.openArriving(document, said) : undefined;
  }

  private async openArriving(document: AsyncIterable<Buffer>, said: SaidBeside): Promise<StoredDocument> {
    const pieces: Buffer[] = [];
    let size = 0;
    try {
      for await (const piece of document) {
        size += piece.length;
        this.held += piece.length;
        if (size > OPENING_LIMITS.containerBytes) throw tooLarge();
        if (this.held > MOST_HELD) throw transient('TOC_REQUEST_TOO_MANY', 'too many containers are being received');
        pieces.push(piece);
      }
      const giveBack = await this.turns.take(LONGEST_WAIT_MS);
      try {
        return await this.openWhole(Buffer.concat(pieces.splice(0)), said);
      } finally {
        giveBack();
      }
    } finally {
      this.held -= size;
    }
  }

  private async openWhole(bytes: Buffer, said: SaidBeside): Promise<StoredDocument> {
    const opened = await openInChild(bytes, said);
    await this.lookThrough(opened.aside);
    for (const { bytes: document } of opened.documents) await this.lookThrough(document);
    return storedDocument(opened);
  }

  /** Each document begins anew, so that a picture or a mark at its head is seen as such. */
  private async lookThrough(document: Uint8Array): Promise<void> {
    if (document.length === 0) return;
    const scanner = new PartScanner(this.level);
    for (let at = 0; at < document.length; at += SLICE) {
      scanner.scan(Buffer.from(document.buffer, document.byteOffset + at, Math.min(SLICE, document.length - at)));
      await nextTurn();
    }
    scanner.end();
  }
}

function tooLarge(): Error {
  const most = OPENING_LIMITS.containerBytes;
  return rejection('TOC_SUBMISSION_TOO_LARGE', `a container that is opened holds at most ${most} bytes`, { most });
}
