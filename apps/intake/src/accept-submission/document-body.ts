import { createHash } from 'node:crypto';
import type { Request } from 'express';
import { rejection } from '#libs/domain';
import { joinParameters, type GivenParameters } from './given-parameters.js';
import { gunzip, isGzip } from './gunzip.js';
import { openMultipart } from './multipart-body.js';
import { pacedBytes, UPLOAD_PACE } from './paced-bytes.js';

/** A request whose parameters were read and whose document is about to be. */
export interface DocumentBody {
  /** Parameters of the query and of the part `parameters`, not checked. */
  given: GivenParameters;
  /** Media type of the document, when one was said. */
  mediaType?: string;
  /** The document, decompressed. Reading it throws the rejections of a body that is too large, too slow or broken. */
  document: AsyncIterable<Buffer>;
  /** What arrived, as it arrived; to be asked once, after the last byte of the document. */
  received: () => ReceivedBytes;
}

/** Length and SHA-256 (hexadecimal) of a body, or of its file, before anything was decompressed. */
export interface ReceivedBytes {
  bytes: number;
  sha256: string;
}

/**
 * Opens the body of a submission: raw bytes, or multipart/form-data; compressed or not.
 * @param mostBytes most bytes of the body, and of the document when it is decompressed
 * @throws rejections `TOC_REQUEST_MALFORMED`, `TOC_REQUEST_PARAMETER`, `TOC_SUBMISSION_ENCODING`
 */
export async function openDocumentBody(request: Request, mostBytes: number): Promise<DocumentBody> {
  const arriving = pacedBytes(request, { ...UPLOAD_PACE, mostBytes });
  const { 'content-encoding': encoding, 'content-type': contentType } = request.headers;
  const query = request.query as GivenParameters;
  const seen = new SeenBytes();
  const received = (): ReceivedBytes => seen.all();
  if (!/^multipart\/form-data\b/i.test(contentType ?? '')) {
    const document = unpacked(decodeTransfer(seen.pass(arriving), encoding), mostBytes);
    return { given: query, mediaType: contentType, document, received };
  }
  const { given, mediaType, document } = await openMultipart(request.headers, decodeTransfer(arriving, encoding));
  return {
    given: joinParameters(query, given),
    mediaType,
    document: unpacked(seen.pass(document), mostBytes),
    received,
  };
}

/**
 * Reads a whole document into memory, for what is small by its nature.
 * @throws a rejection `TOC_SUBMISSION_TOO_LARGE` beside those of {@link openDocumentBody}
 */
export async function readWholeDocument(
  request: Request,
  mostBytes: number,
): Promise<{ given: GivenParameters; mediaType?: string; bytes: Buffer }> {
  // Room for the parts around the file.
  const { given, mediaType, document } = await openDocumentBody(request, mostBytes + 512 * 1024);
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of document) {
    size += piece.length;
    if (size > mostBytes) throw tooLarge(mostBytes);
    pieces.push(piece);
  }
  return { given, mediaType, bytes: Buffer.concat(pieces) };
}

/** Counts and hashes what passes. */
class SeenBytes {
  private readonly hash = createHash('sha256');
  private size = 0;

  async *pass(bytes: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const piece of bytes) {
      this.size += piece.length;
      this.hash.update(piece);
      yield piece;
    }
  }

  all(): ReceivedBytes {
    return { bytes: this.size, sha256: this.hash.digest('hex') };
  }
}

function decodeTransfer(bytes: AsyncIterable<Buffer>, encoding: string | undefined): AsyncIterable<Buffer> {
  if (encoding === undefined || /^\s*identity\s*$/i.test(encoding)) return bytes;
  if (/^\s*(?:x-)?gzip\s*$/i.test(encoding)) return gunzip(bytes);
  throw rejection('TOC_SUBMISSION_ENCODING', 'of content encodings, gzip and identity are read', {
    known: ['gzip', 'identity'],
  });
}

/** The document itself: decompressed when it is a gzip file, and never longer than its bound. */
async function* unpacked(file: AsyncIterable<Buffer>, mostBytes: number): AsyncGenerator<Buffer> {
  const { head, whole } = await peek(file, 2);
  let size = 0;
  for await (const piece of isGzip(head) ? gunzip(whole) : whole) {
    size += piece.length;
    if (size > mostBytes) throw tooLarge(mostBytes);
    yield piece;
  }
}

/** The rejection of a document that is longer than its bound. */
export function tooLarge(mostBytes: number): Error {
  return rejection('TOC_SUBMISSION_TOO_LARGE', `a document holds at most ${mostBytes} bytes, decompressed`, {
    most: mostBytes,
  });
}

/** A document that is in memory, as a stream of one piece. */
export async function* inOnePiece(document: Buffer): AsyncGenerator<Buffer> {
  yield await Promise.resolve(document);
}

/**
 * Looks at the first bytes of a stream without taking them away.
 * @returns at least so many bytes, fewer only when there are no more, and the stream from its beginning
 */
export async function peek(
  bytes: AsyncIterable<Buffer>,
  least: number,
): Promise<{ head: Buffer; whole: AsyncIterable<Buffer> }> {
  const iterator: AsyncIterator<Buffer, unknown> = bytes[Symbol.asyncIterator]();
  const pieces: Buffer[] = [];
  let size = 0;
  while (size < least) {
    const next = await iterator.next();
    if (next.done) break;
    pieces.push(next.value);
    size += next.value.length;
  }
  const head = Buffer.concat(pieces);
  return { head, whole: rejoined(head, iterator) };
}

async function* rejoined(head: Buffer, rest: AsyncIterator<Buffer, unknown>): AsyncGenerator<Buffer> {
  try {
    if (head.length > 0) yield head;
    for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
