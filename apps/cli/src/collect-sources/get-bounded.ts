import { SourceProblem, type SourceAnswer } from './source.js';

const DEADLINE_MS = 60_000;
const MOST_BYTES = 64 * 1024 * 1024;

/** Asks for an address; the whole answer within a minute and 64 MiB, and no redirect: what is polled is written down. */
export async function getBounded(
  url: string,
  headers: Record<string, string>,
  allowed: readonly number[] = [200],
): Promise<SourceAnswer> {
  try {
    const response = await fetch(url, { headers, redirect: 'manual', signal: AbortSignal.timeout(DEADLINE_MS) });
    if (!allowed.includes(response.status)) {
      await response.body?.cancel();
      throw new SourceProblem(`the source answered with status ${response.status}`);
    }
    const pieces: Uint8Array[] = [];
    let length = 0;
    for await (const piece of (response.body ?? []) as AsyncIterable<Uint8Array>) {
      length += piece.length;
      if (length > MOST_BYTES) throw new SourceProblem(`the answer is longer than ${MOST_BYTES} bytes`);
      pieces.push(piece);
    }
    return { status: response.status, headers: response.headers, body: Buffer.concat(pieces) };
  } catch (thrown) {
    if (thrown instanceof SourceProblem) throw thrown;
    throw new SourceProblem('the source does not answer');
  }
}
