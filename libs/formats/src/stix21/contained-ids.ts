import { randomInt } from 'node:crypto';

const FIRST_CAPACITY = 1024;

/**
 * Which containers name an id: a hash table over the 128 bits of the UUID in typed arrays, some 30 bytes an entry, since
 * a bundle may name every one of its objects and the ids as text would need several times as much.
 *
 * The multipliers of the hash are drawn anew for each table, so that nobody can choose ids that all fall together.
 */
export class ContainedIds {
  private readonly types = new Map<string, number>();
  private readonly multipliers = Uint32Array.from({ length: 4 }, () => randomInt(2 ** 31) * 2 + 1);
  private readonly words = new Uint32Array(4);
  /** First entry of each bucket, counted from 1. */
  private heads = new Int32Array(FIRST_CAPACITY);
  /** Four words of UUID, the type, the container and the next entry of the bucket. */
  private entries = new Uint32Array(FIRST_CAPACITY * ENTRY);
  private count = 0;

  /** @param id `type--UUID` in lower case */
  add(id: string, container: number): void {
    const dashes = id.indexOf('--');
    const typeName = id.slice(0, dashes);
    let type = this.types.get(typeName);
    if (type === undefined) this.types.set(typeName, (type = this.types.size));
    if (this.count === this.heads.length) this.grow();
    const bucket = this.bucketOf(id, dashes + 2);
    const at = this.count * ENTRY;
    this.entries.set(this.words, at);
    this.entries[at + TYPE] = type;
    this.entries[at + CONTAINER] = container;
    this.entries[at + NEXT] = this.heads[bucket] ?? 0;
    this.count += 1;
    this.heads[bucket] = this.count;
  }

  /** The containers that name the id, each once, in the order in which they did. */
  containersOf(id: string): number[] {
    const dashes = id.indexOf('--');
    const type = this.types.get(id.slice(0, dashes));
    if (type === undefined) return [];
    const found = new Set<number>();
    const { words, entries } = this;
    for (let entry = this.heads[this.bucketOf(id, dashes + 2)] ?? 0; entry > 0;) {
      const at = (entry - 1) * ENTRY;
      const isSame =
        entries[at] === words[0] &&
        entries[at + 1] === words[1] &&
        entries[at + 2] === words[2] &&
        entries[at + 3] === words[3] &&
        entries[at + TYPE] === type;
      if (isSame) found.add(entries[at + CONTAINER] ?? 0);
      entry = entries[at + NEXT] ?? 0;
    }
    return [...found].reverse();
  }

  /** Reads the UUID into `words`. @returns its bucket */
  private bucketOf(id: string, from: number): number {
    const { words } = this;
    let digits = 0;
    for (let at = from; at < id.length && digits < 32; at += 1) {
      const code = id.charCodeAt(at);
      if (code === HYPHEN) continue;
      const word = digits >> 3;
      words[word] = ((words[word] ?? 0) << 4) | (code > NINE ? code - LETTER_A + 10 : code - ZERO);
      digits += 1;
    }
    return this.bucket(words, 0);
  }

  private bucket(words: Uint32Array, at: number): number {
    let hash = 0;
    for (let word = 0; word < 4; word += 1) hash += Math.imul(words[at + word] ?? 0, this.multipliers[word] ?? 1);
    // The high bits depend on all the lower ones.
    return Math.floor(((hash >>> 0) / 2 ** 32) * this.heads.length);
  }

  private grow(): void {
    const entries = new Uint32Array(this.entries.length * 2);
    entries.set(this.entries);
    this.entries = entries;
    this.heads = new Int32Array(this.heads.length * 2);
    for (let entry = 1; entry <= this.count; entry += 1) {
      const at = (entry - 1) * ENTRY;
      const bucket = this.bucket(entries, at);
      entries[at + NEXT] = this.heads[bucket] ?? 0;
      this.heads[bucket] = entry;
    }
  }
}

const TYPE = 4;
const CONTAINER = 5;
const NEXT = 6;
const ENTRY = 7;

const HYPHEN = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const LETTER_A = 0x61;
