import { once } from 'node:events';
import { constants, createGzip, type Gzip } from 'node:zlib';
import type { Request, Response } from 'express';

/** A reader that takes nothing for so long is let go. */
const STALLED_MS = 60_000;

/** Lines of JSON on their way to a reader, no faster than it takes them. */
export class LineStream {
  private gzip: Gzip | undefined;
  private readonly gone = new AbortController();
  private begun = false;

  private constructor(
    private readonly request: Request,
    private readonly response: Response,
  ) {
    response.on('close', () => this.gone.abort());
  }

  /**
   * Answers with lines. An error before the first is answered as such; later the answer breaks off without an end, so that
   * the reader sees that something is missing and comes again with its last cursor.
   * @param write ends early, without a line, where it answered otherwise
   */
  static async answer(
    request: Request,
    response: Response,
    write: (stream: LineStream) => Promise<unknown>,
  ): Promise<void> {
    // Nothing is read, and so disclosed, for an answer without a body.
    if (request.method === 'HEAD') {
      response.type('application/x-ndjson').end();
      return;
    }
    const stream = new LineStream(request, response);
    try {
      await write(stream);
      if (stream.begun) await stream.end();
    } catch (thrown) {
      if (!stream.begun && !stream.signal.aborted) throw thrown;
      stream.gzip?.destroy();
      response.destroy();
    }
  }

  /** Aborted when the reader has gone. */
  get signal(): AbortSignal {
    return this.gone.signal;
  }

  /** @throws Error when the reader has gone, or stands still */
  async write(lines: readonly string[]): Promise<void> {
    if (!this.begun) this.begin();
    const takes = this.target.write(`${lines.join('\n')}\n`);
    this.gzip?.flush(constants.Z_SYNC_FLUSH);
    this.signal.throwIfAborted();
    if (!takes)
      await once(this.target, 'drain', { signal: AbortSignal.any([this.signal, AbortSignal.timeout(STALLED_MS)]) });
  }

  /** Until the reader has everything: what it has not taken counts as a read under way. */
  private async end(): Promise<void> {
    const patience = AbortSignal.any([this.signal, AbortSignal.timeout(STALLED_MS)]);
    const finished = once(this.response, 'finish', { signal: patience });
    this.target.end();
    await finished;
  }

  private get target(): Gzip | Response {
    return this.gzip ?? this.response;
  }

  private begin(): void {
    this.begun = true;
    this.response.status(200).type('application/x-ndjson');
    this.response.setHeader('Cache-Control', 'no-store');
    this.response.setHeader('Vary', 'Accept-Encoding');
    if (!this.request.acceptsEncodings('gzip')) return;
    this.gzip = createGzip().on('error', () => this.gone.abort());
    this.response.setHeader('Content-Encoding', 'gzip');
    this.gzip.pipe(this.response);
  }
}
