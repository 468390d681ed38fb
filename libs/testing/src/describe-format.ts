import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import fc from 'fast-check';
import { canonicalise, TocsinError } from '#libs/domain';
import {
  detectFormat,
  type ByteSource,
  type Format,
  type ReadBatch,
  type ReadItem,
  type ReadOptions,
} from '#libs/formats';

/** What a format adds to the contract suite. */
export interface FormatContract {
  /** A well-formed document of so many items, piece by piece, for the memory bound. */
  many: (items: number) => Iterable<string>;
  /** The beginning of a document in which one item never ends. */
  endless: string;
}

/** Bytes in memory as a source, in pieces that end at the given offsets. */
export function byteSource(document: string | Uint8Array, ends: readonly number[] = []): ByteSource {
  const bytes = typeof document === 'string' ? Buffer.from(document) : Buffer.from(document);
  return {
    size: bytes.length,

    async *open(fromByte = 0) {
      let from = fromByte;
      for (const end of [...ends, bytes.length]) {
        if (end > from && end <= bytes.length) {
          yield bytes.subarray(from, end);
          from = end;
        }
      }
    },
  };
}

/** A source of which each piece is new memory, so that whoever keeps it is seen to keep it. */
function sourceOfPieces(pieces: Iterable<string | Uint8Array>): ByteSource {
  const made = Array.from(pieces, (piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece));
  return {
    size: made.reduce((sum, piece) => sum + piece.length, 0),

    async *open(fromByte = 0) {
      let skip = fromByte;
      for (const piece of made) {
        if (skip < piece.length) yield Buffer.from(piece.subarray(skip));
        skip = Math.max(0, skip - piece.length);
      }
    },
  };
}

/** How reading a document ended: its batches, or the rejection of the whole. */
export interface Reading {
  batches: ReadBatch[];
  items: ReadItem[];
  refused?: TocsinError;
}

/** Reads a whole document. Anything thrown that is not a rejection is thrown on. */
export async function readAll(
  format: Format,
  source: ByteSource,
  options: Partial<ReadOptions> = {},
): Promise<Reading> {
  const batches: ReadBatch[] = [];
  try {
    for await (const batch of format.read(source, { batchSize: 1000, ...options })) batches.push(batch);
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family !== 'rejection') throw thrown;
    return { batches, items: batches.flatMap(({ items }) => items), refused: thrown };
  }
  return { batches, items: batches.flatMap(({ items }) => items) };
}

const HOSTILE: readonly (readonly [string, Uint8Array])[] = (
  [
    ['nothing', ''],
    ['a byte order mark alone', '\ufeff'],
    ['line ends alone', '\r\n\n\r\r\n'],
    ['a NUL', 'a\0b'],
    ['quotation marks alone', '"""""""\n"\n""\n'],
    ['a million characters', 'x'.repeat(1_000_000)],
    ['a million quotation marks', '"'.repeat(1_000_000)],
    ['brackets 100,000 deep', '['.repeat(100_000)],
    ['objects 100,000 deep', '{"a":'.repeat(100_000)],
    ['a bundle with brackets 100,000 deep', `{"type":"bundle","objects":[${'['.repeat(100_000)}`],
    ['null', 'null'],
    ['a prototype', '{"__proto__":{"value":1},"constructor":1}'],
    ['the word for every column', 'value,type,quality,md5,url,deleted\n,,,,,\n"",,,,,\n'],
    ['dots and at signs', `a@${'.'.repeat(60_000)} \n`],
    ['colons', `${'a:'.repeat(30_000)}!\n`],
  ] as const
).map(([name, text]) => [name, Buffer.from(text)] as const);

const ENCODINGS: readonly (readonly [string, Uint8Array])[] = [
  ['UTF-16 little-endian', Buffer.from('\ufeffabc', 'utf16le')],
  ['UTF-16 big-endian', Buffer.from('\ufeffabc', 'utf16le').swap16()],
  ['UTF-32 little-endian', Buffer.from([0xff, 0xfe, 0, 0, 0x61, 0, 0, 0])],
  ['UTF-32 big-endian', Buffer.from([0, 0, 0xfe, 0xff, 0, 0, 0, 0x61])],
  ['UTF-16 without a mark', Buffer.from('abcdef', 'utf16le')],
  ['Latin-1', Buffer.from('caf\xe9,\n', 'latin1')],
  ['a surrogate in UTF-8', Buffer.from([0x61, 0xed, 0xa0, 0x80, 0x0a])],
  ['an overlong slash', Buffer.from([0x61, 0xc0, 0xaf, 0x0a])],
  ['an unfinished character', Buffer.from([0x61, 0x0a, 0xe2, 0x82])],
];

/** What every format keeps, whatever it reads. */
export function describeFormat(format: Format, contract: FormatContract): void {
  describe(`the format ${format.id} keeps the contract`, () => {
    const examples = format.examples.map((example) => [example.name, example] as const);
    const plain = examples.filter(([, { options }]) => !options);

    it('ships examples and says what it is', () => {
      expect(format.id).toMatch(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/);
      expect(format.fileExtensions.every((extension) => /^\.[a-z0-9]+$/.test(extension))).toBe(true);
      expect(format.mediaTypes.every((type) => /^[a-z]+\/[a-z0-9.+-]+$/.test(type))).toBe(true);
      expect(plain.length).toBeGreaterThan(0);
    });

    it.each(plain)('knows its own by the bytes: %s', (_name, { document }) => {
      expect(detectFormat(Buffer.from(document)).format.id).toBe(format.id);
      expect(format.detect(new Uint8Array(0))).toBe(0);
    });

    it.each(examples)('reads what it says: %s', async (_name, { document, options, expect: expected }) => {
      const { items, refused } = await readAll(format, byteSource(document), options);
      expect(refused).toBeUndefined();
      const signals = items.flatMap((item) => (item.kind === 'candidate' ? item.signals : []));
      expect(signals.map(({ value }) => value)).toEqual(expected.signals);
      for (const { type, value } of signals) expect(canonicalise(type, value)).toEqual({ ok: true, value });
      expect(items.filter(({ kind }) => kind === 'rejected')).toHaveLength(expected.rejected ?? 0);
      expect(items.filter(({ kind }) => kind === 'ignored')).toHaveLength(expected.ignored ?? 0);
    });

    it.each(examples)('numbers items upwards and fills its batches: %s', async (_name, { document, options }) => {
      for (const batchSize of [1, 2, 1000]) {
        const { batches, items } = await readAll(format, byteSource(document), { ...options, batchSize });
        const positions = items.flatMap((item) => (item.kind === 'advisory' ? [] : [item.position]));
        expect(positions).toEqual([...new Set(positions)].sort((a, b) => a - b));
        const sizes = batches.map((batch) => batch.items.filter(({ kind }) => kind !== 'advisory').length);
        expect(sizes.slice(0, -1).every((size) => size === batchSize)).toBe(true);
        expect(batches.at(-1)?.next.items).toBe(positions.length);
        expect(structuredClone(items)).toEqual(items);
      }
    });

    it('takes another size of batches while it reads', async () => {
      const options: ReadOptions = { batchSize: 1 };
      const sizes: number[] = [];
      for await (const { items } of format.read(sourceOfPieces(contract.many(400)), options)) {
        sizes.push(items.filter(({ kind }) => kind !== 'advisory').length);
        options.batchSize = 100;
      }
      expect(sizes[0]).toBe(1);
      expect(Math.max(...sizes)).toBe(100);
    });

    it.each(examples)(
      'goes on after every batch with precisely the remainder: %s',
      async (_name, { document, options }) => {
        for (const batchSize of [1, 2, 3]) {
          const whole = await readAll(format, byteSource(document), { ...options, batchSize });
          for (const [index, { next }] of whole.batches.entries()) {
            const rest = await readAll(format, byteSource(document), { ...options, batchSize, from: next });
            expect(rest.batches).toEqual(whole.batches.slice(index + 1));
          }
        }
      },
    );

    it.each(examples)('reads the same however the bytes arrive: %s', async (_name, { document, options }) => {
      const bytes = Buffer.from(document);
      const whole = await readAll(format, byteSource(bytes), options);
      const cuts = fc.uniqueArray(fc.nat(bytes.length), { maxLength: 40 }).map((ends) => ends.sort((a, b) => a - b));
      await fc.assert(
        fc.asyncProperty(cuts, async (ends) => {
          expect(await readAll(format, byteSource(bytes, ends), options)).toEqual(whole);
        }),
        { numRuns: 25 },
      );
      const singly = Array.from(bytes, (_byte, index) => index + 1);
      expect(await readAll(format, byteSource(bytes, singly), options)).toEqual(whole);
    });

    it.each(examples)('keeps no state between readings: %s', async (_name, { document, options }) => {
      const read = (): Promise<Reading> => readAll(format, byteSource(document), { ...options, batchSize: 1 });
      const [first, second] = await Promise.all([read(), read()]);
      expect(second).toEqual(first);
    });

    it.each(examples)('ends any truncation with a rejection at most: %s', async (_name, { document, options }) => {
      const bytes = Buffer.from(document);
      const step = Math.max(1, Math.floor(bytes.length / 200));
      for (let length = 0; length < bytes.length; length += step) {
        const { batches, refused } = await readAll(format, byteSource(bytes.subarray(0, length)), options);
        if (refused) expect(batches).toEqual([]);
      }
    });

    it('repeats nothing of an item in a reason', async () => {
      const canary = 'Zq9Canary7xK';
      const documents = fc.constantFrom(...format.examples);
      await fc.assert(
        fc.asyncProperty(
          documents,
          fc.double({ min: 0, max: 1, noNaN: true }),
          async ({ document, options }, place) => {
            const at = Math.floor(place * document.length);
            const changed = document.slice(0, at) + canary + document.slice(at);
            const { items, refused } = await readAll(format, byteSource(changed), options);
            const said = items.flatMap((item) =>
              item.kind === 'rejected' || item.kind === 'forbidden'
                ? [item.detail]
                : item.kind === 'ignored'
                  ? [item.what]
                  : [],
            );
            said.push(refused?.detail ?? '', JSON.stringify(refused?.facts ?? {}));
            expect(said.join('\n').toLowerCase()).not.toContain(canary.toLowerCase());
          },
        ),
        { numRuns: 200 },
      );
    });

    it.each(HOSTILE)('survives %s', async (_name, bytes) => {
      const started = Date.now();
      await readAll(format, byteSource(bytes));
      format.detect(bytes.subarray(0, 64 * 1024));
      expect(Date.now() - started).toBeLessThan(5_000);
    });

    it('survives any bytes', async () => {
      await fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
          await readAll(format, byteSource(bytes));
        }),
      );
    });

    it('survives any change of its examples', async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(...format.examples),
          fc.nat(),
          fc.string({ maxLength: 8 }),
          async (example, where, text) => {
            const at = where % example.document.length;
            const changed = example.document.slice(0, at) + text + example.document.slice(at + (where % 5));
            const { batches, refused } = await readAll(format, byteSource(changed), example.options);
            if (refused) expect(batches).toEqual([]);
          },
        ),
        { numRuns: 300 },
      );
    });

    it('refuses a document without bytes', async () => {
      expect((await readAll(format, byteSource(''))).refused?.code).toBe('TOC_SUBMISSION_EMPTY');
    });

    it.each(ENCODINGS)('refuses %s before the first batch, naming the byte', async (_name, bytes) => {
      const { batches, refused } = await readAll(format, byteSource(bytes), { batchSize: 1 });
      expect(batches).toEqual([]);
      // What is no document of the format anyway may be refused for that first.
      expect(['TOC_SUBMISSION_ENCODING', 'TOC_SUBMISSION_MALFORMED']).toContain(refused?.code);
      expect(refused?.facts['byte']).toEqual(expect.any(Number));
    });

    it('holds little of a long document', async () => {
      const source = sourceOfPieces(contract.many(60_000));
      expect(await liveMegabytes(format, source, 60_000)).toBeLessThan(24);
    });

    it('holds little of an item that never ends', async () => {
      const filler = Buffer.alloc(1024 * 1024, 'a');
      const pieces = [contract.endless, ...Array.from({ length: 64 }, () => filler)];
      expect(await liveMegabytes(format, sourceOfPieces(pieces))).toBeLessThan(48);
    });
  });
}

/** Bytes. */
const LOOK_EVERY = 16 * 1024 * 1024;

/**
 * Reads and drops a document. Collecting garbage is slow, so memory is looked at every 16 MiB and at the end of
 * each pass only: whoever gathers a document holds most of it then.
 *
 * @returns megabytes that were alive at most, beyond those at the start
 */
async function liveMegabytes(format: Format, source: ByteSource, items?: number): Promise<number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const live = (): number => {
    collect();
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return (heapUsed + arrayBuffers) / 1e6;
  };
  const before = live();
  const seen: number[] = [];
  const watched: ByteSource = {
    size: source.size,
    async *open(fromByte) {
      let passed = fromByte ?? 0;
      let looked = passed;
      for await (const piece of source.open(fromByte)) {
        yield piece;
        passed += piece.length;
        if (passed - looked < LOOK_EVERY && passed < source.size) continue;
        looked = passed;
        seen.push(live() - before);
      }
    },
  };
  let read = 0;
  try {
    for await (const batch of format.read(watched, { batchSize: 1000 })) read += batch.items.length;
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || items !== undefined) throw thrown;
    seen.push(live() - before);
  }
  if (items !== undefined) expect(read).toBe(items);
  expect(seen.length).toBeGreaterThan(0);
  return Math.max(...seen);
}
