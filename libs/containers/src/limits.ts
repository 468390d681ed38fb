const MIB = 1024 * 1024;

/** How much opening one container may need. */
export interface OpeningLimits {
  /** Most bytes of the container itself. */
  containerBytes: number;
  /** Most bytes of everything in it, decompressed and decoded, whatever becomes of it. */
  insideBytes: number;
  /** Most bytes of text that is kept. */
  textBytes: number;
  /** Most entries, parts or pages of all containers together. */
  entries: number;
  /** Most documents that are kept. */
  documents: number;
  /** How many containers may lie within one another. */
  depth: number;
  /** Beyond 4 MiB, most bytes that one compressed byte may become. */
  ratio: number;
  /** Longest time, in milliseconds. */
  milliseconds: number;
  /** Most memory of the child process, in bytes. */
  memoryBytes: number;
}

/** The limits of every deployment. */
export const OPENING_LIMITS: OpeningLimits = {
  containerBytes: 32 * MIB,
  insideBytes: 128 * MIB,
  textBytes: 32 * MIB,
  entries: 4096,
  documents: 256,
  depth: 2,
  ratio: 250,
  milliseconds: 20_000,
  memoryBytes: 384 * MIB,
};
