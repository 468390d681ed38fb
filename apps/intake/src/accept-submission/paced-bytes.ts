import type { IncomingMessage } from 'node:http';
import { rejection } from '#libs/domain';

/** Bounds of a body that arrives. */
export interface Pace {
  /** Most bytes. */
  mostBytes: number;
  /** Longest silence, in milliseconds. */
  longestSilenceMs: number;
  /** After this much waiting the average must hold. */
  graceMs: number;
  /** Least bytes a second on average, over the time spent waiting for the sender. */
  leastBytesPerSecond: number;
}

/** A sender may be as slow as an old telephone line, but must go on sending. */
export const UPLOAD_PACE: Omit<Pace, 'mostBytes'> = {
  longestSilenceMs: 60_000,
  graceMs: 60_000,
  leastBytesPerSecond: 1024,
};

/**
 * The bytes of a request, with back-pressure. Leaving early does not destroy the request, so that it can be answered.
 * @throws rejections `TOC_REQUEST_TOO_LARGE`, `TOC_REQUEST_TOO_SLOW`, and `TOC_REQUEST_MALFORMED` when the sender breaks off
 */
export async function* pacedBytes(request: IncomingMessage, pace: Pace): AsyncGenerator<Buffer> {
  const refuseTooLarge = (): never => {
    throw rejection('TOC_REQUEST_TOO_LARGE', `a body holds at most ${pace.mostBytes} bytes`, { most: pace.mostBytes });
  };
  if (Number(request.headers['content-length'] ?? 0) > pace.mostBytes) refuseTooLarge();
  const source = new PausingSource(request);
  let size = 0;
  let waitedMs = 0;
  try {
    for (;;) {
      const began = performance.now();
      const piece = await source.next(pace.longestSilenceMs);
      waitedMs += performance.now() - began;
      if (!piece) return;
      size += piece.length;
      if (size > pace.mostBytes) refuseTooLarge();
      if (waitedMs > pace.graceMs && size < (waitedMs / 1000) * pace.leastBytesPerSecond) throw tooSlow();
      yield piece;
    }
  } finally {
    source.close();
  }
}

function tooSlow(): Error {
  return rejection('TOC_REQUEST_TOO_SLOW', 'the body arrives too slowly, or not at all');
}

/** Takes one piece at a time from a request and holds the sender meanwhile. */
class PausingSource {
  private readonly arrived: Buffer[] = [];
  private ended = false;
  private broken = false;
  private wake: () => void = () => undefined;

  constructor(private readonly request: IncomingMessage) {
    request.on('data', this.onData);
    request.on('end', this.onEnd);
    request.on('error', this.onBroken);
    request.on('close', this.onBroken);
    // It may have ended before anybody listened.
    this.broken = request.destroyed;
    request.pause();
  }

  private readonly onData = (piece: Buffer): void => {
    this.arrived.push(piece);
    this.request.pause();
    this.wake();
  };
  private readonly onEnd = (): void => {
    this.ended = true;
    this.wake();
  };
  private readonly onBroken = (): void => {
    this.broken = true;
    this.wake();
  };

  /** @returns undefined at the end */
  async next(longestSilenceMs: number): Promise<Buffer | undefined> {
    const silence = new AbortController();
    const timer = setTimeout(() => {
      silence.abort();
      this.wake();
    }, longestSilenceMs);
    try {
      for (;;) {
        const piece = this.arrived.shift();
        if (piece) return piece;
        if (this.ended) return undefined;
        if (this.broken) throw rejection('TOC_REQUEST_MALFORMED', 'the connection ended before the body did');
        if (silence.signal.aborted) throw tooSlow();
        const woken = new Promise<void>((resolve) => (this.wake = resolve));
        this.request.resume();
        await woken;
      }
    } finally {
      clearTimeout(timer);
    }
  }

  close(): void {
    this.request.off('data', this.onData);
    this.request.off('end', this.onEnd);
    this.request.off('close', this.onBroken);
    // The listener for errors stays: a sender that breaks off later must not end the process.
  }
}
