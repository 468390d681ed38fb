import type { Writable } from 'node:stream';

/** Resolves when a stream takes more, or when it is gone; leaves no listeners behind. */
export function roomToWrite(stream: Writable): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done);
      stream.off('close', done);
      resolve();
    };
    stream.on('drain', done);
    stream.on('close', done);
    if (stream.destroyed) done();
  });
}
