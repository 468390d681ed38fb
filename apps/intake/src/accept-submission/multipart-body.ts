import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import busboy, { type Busboy } from 'busboy';
import { rejection } from '#libs/domain';
import { parseJson } from '#libs/runtime';
import { roomToWrite } from './room-to-write.js';

/** Most bytes of the part `parameters`. */
export const LARGEST_PARAMETERS = 256 * 1024;

/** A multipart body whose parts before the file were read. */
export interface MultipartBody {
  /** What the part `parameters` says; empty without one. */
  given: Record<string, unknown>;
  /** Media type of the file, when its part says one. */
  mediaType?: string;
  /** The file; empty without one. */
  document: AsyncIterable<Buffer>;
}

interface FilePart {
  file: Readable;
  mediaType?: string;
}

const ORDER = 'a multipart body has one part parameters and then one part file';

/** What a `Content-Type` that says nothing of the document is taken for. */
const UNTOLD = 'application/octet-stream';

/**
 * Reads multipart/form-data (RFC 7578): first `parameters`, a JSON object, then `file`.
 * @throws a rejection `TOC_REQUEST_MALFORMED`; reading the document to its end may throw it as well
 */
export async function openMultipart(
  headers: IncomingHttpHeaders,
  bytes: AsyncIterable<Buffer>,
): Promise<MultipartBody> {
  const reader = new MultipartReader(headers);
  reader.start(bytes);
  const opened = await reader.opened;
  const { mediaType } = opened ?? {};
  return {
    given: reader.given,
    ...(mediaType && mediaType !== UNTOLD ? { mediaType } : {}),
    document: reader.document(opened?.file),
  };
}

function malformed(detail: string): Error {
  return rejection('TOC_REQUEST_MALFORMED', detail);
}

class MultipartReader {
  given: Record<string, unknown> = {};
  /** Settles when the file begins, or when the body ended without one. */
  readonly opened: Promise<FilePart | undefined>;
  private readonly parser: Busboy;
  private readonly ended: Promise<void>;
  private parametersRead?: Promise<void>;
  private fileBegun = false;
  private fail: (thrown: unknown) => void = () => undefined;

  constructor(headers: IncomingHttpHeaders) {
    try {
      this.parser = busboy({
        headers,
        limits: { fieldSize: LARGEST_PARAMETERS + 1, fields: 1, files: 2, parts: 3, headerPairs: 20 },
      });
    } catch {
      throw malformed('the multipart body says no boundary');
    }
    this.ended = new Promise((resolve, reject) => {
      this.fail = reject;
      this.parser.once('close', resolve);
      this.parser.once('error', () => reject(malformed('the multipart body is broken or cut off')));
    });
    this.ended.catch(() => undefined);
    this.opened = Promise.race([this.firstFile(), this.ended.then(() => this.parametersRead).then(() => undefined)]);
    this.opened.catch(() => undefined);
  }

  start(bytes: AsyncIterable<Buffer>): void {
    this.feed(bytes).catch((thrown: unknown) => {
      this.fail(thrown);
      this.parser.destroy();
    });
  }

  /** The bytes of the file; at its end the rest of the body is checked as well. */
  async *document(file?: Readable): AsyncGenerator<Buffer> {
    let whole = file === undefined;
    try {
      if (file) {
        // A body that breaks off ends the file without an error of its own.
        this.ended.catch(() => file.destroy());
        for await (const piece of file as AsyncIterable<Buffer>) yield piece;
      }
      whole = true;
    } catch (thrown) {
      await this.ended;
      throw thrown;
    } finally {
      // Nobody reads on: what still arrives is not taken apart any more.
      if (!whole) this.parser.destroy();
    }
    await this.ended;
  }

  private async feed(bytes: AsyncIterable<Buffer>): Promise<void> {
    for await (const piece of bytes) {
      if (this.parser.destroyed) return;
      if (!this.parser.write(piece)) await roomToWrite(this.parser);
    }
    this.parser.end();
  }

  private firstFile(): Promise<FilePart> {
    return new Promise((resolve) => {
      this.parser.on('field', (name, value) => this.takeField(name, value));
      this.parser.on('file', (name, file, { mimeType }) => {
        file.on('error', () => undefined);
        if (name === 'parameters' && !this.fileBegun) {
          this.parametersRead = this.readParameters(file);
        } else if (name === 'file' && !this.fileBegun) {
          this.fileBegun = true;
          (this.parametersRead ?? Promise.resolve()).then(() => resolve({ file, mediaType: mimeType }), this.fail);
        } else {
          file.resume();
          this.fail(malformed(ORDER));
        }
      });
      for (const limit of ['partsLimit', 'filesLimit', 'fieldsLimit'] as const) {
        this.parser.on(limit, () => this.fail(malformed('the multipart body has too many parts')));
      }
    });
  }

  private takeField(name: string, value: string): void {
    try {
      if (name !== 'parameters' || this.fileBegun) throw malformed(ORDER);
      this.takeParameters(value);
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  /** Clients that send the parameters as a blob make a file of them. */
  private async readParameters(file: Readable): Promise<void> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of file as AsyncIterable<Buffer>) {
      size += piece.length;
      if (size <= LARGEST_PARAMETERS) pieces.push(piece);
    }
    try {
      if (size > LARGEST_PARAMETERS) throw tooLarge();
      this.takeParameters(Buffer.concat(pieces).toString());
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  private takeParameters(text: string): void {
    if (Buffer.byteLength(text) > LARGEST_PARAMETERS) throw tooLarge();
    const given = parseJson(text);
    if (typeof given !== 'object' || given === null || Array.isArray(given)) {
      throw malformed('the part parameters is a JSON object');
    }
    this.given = { ...given };
  }
}

function tooLarge(): Error {
  return rejection('TOC_REQUEST_TOO_LARGE', `the part parameters holds at most ${LARGEST_PARAMETERS} bytes`);
}
