import type { Request, Response } from 'express';

/** How long, and how much of, a body is still read and dropped after its request was answered. */
const LINGER_MS = 10_000;
const LINGER_BYTES = 64 * 1024 * 1024;

/**
 * Answers a request of which the body was not read to its end. The answer goes out at once; the connection stays open
 * for a while, what still arrives is dropped, and then it is closed. Closed at once, many clients would see a reset
 * connection in place of the answer.
 */
export function answerEarly(request: Request, response: Response, bytes: Buffer): void {
  response.setHeader('Connection', 'close');
  response.setHeader('Content-Length', bytes.length);
  response.write(bytes);
  let dropped = 0;
  const end = (): void => {
    clearTimeout(timer);
    response.end();
  };
  const timer = setTimeout(end, LINGER_MS).unref();
  request.on('data', (piece: Buffer) => {
    dropped += piece.length;
    if (dropped > LINGER_BYTES) end();
  });
  request.once('end', end);
  request.once('error', end);
  request.once('close', end);
  request.unpipe();
  request.resume();
}
