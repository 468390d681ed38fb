/** Two PDQ hashes are of one picture when no more than this many of their 256 bits differ. */
const NEAR = 31;
const WORDS = 8;

/** The 256 bits of a PDQ hash, as eight words. */
function wordsOf(hash: string): Uint32Array {
  return Uint32Array.from({ length: WORDS }, (_one, at) => Number.parseInt(hash.slice(8 * at, 8 * at + 8), 16));
}

function bitsIn(word: number): number {
  let bits = word - ((word >>> 1) & 0x55555555);
  bits = (bits & 0x33333333) + ((bits >>> 2) & 0x33333333);
  return (Math.imul((bits + (bits >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24) & 0xff;
}

/** PDQ hashes with what belongs to each, found by nearness. Every search looks at all of them. */
export class NearHashes<Value> {
  private readonly entries: { words: Uint32Array; value: Value }[] = [];

  add(hash: string, value: Value): void {
    this.entries.push({ words: wordsOf(hash), value });
  }

  /** What belongs to the first hash that is near. */
  find(hash: string): Value | undefined {
    if (this.entries.length === 0) return undefined;
    const asked = wordsOf(hash);
    for (const { words, value } of this.entries) {
      let distance = 0;
      for (let at = 0; at < WORDS && distance <= NEAR; at += 1) distance += bitsIn((words[at] ?? 0) ^ (asked[at] ?? 0));
      if (distance <= NEAR) return value;
    }
    return undefined;
  }
}
