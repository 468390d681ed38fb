import yauzl from 'yauzl';
import type { Opening } from '../opening.js';

/** One entry of a zip archive that is no folder. */
export interface ZipEntry {
  name: string;
  isEncrypted: boolean;
  entry: yauzl.Entry;
}

/** Whether bytes begin as a zip archive does. */
export function isZip(head: Uint8Array): boolean {
  const [p, k, third, fourth] = head;
  return p === 0x50 && k === 0x4b && ((third === 3 && fourth === 4) || (third === 5 && fourth === 6));
}

const OPTIONS = { lazyEntries: true, decodeStrings: true, validateEntrySizes: true, autoClose: false } as const;
const ENCRYPTED = 1;

/**
 * Names of the entries, or undefined when the bytes are no archive that can be listed.
 * @param most entries that are listed
 */
export async function listZip(bytes: Buffer, most: number): Promise<string[] | undefined> {
  try {
    const file = await yauzl.fromBufferPromise(bytes, OPTIONS);
    const names: string[] = [];
    for await (const { fileName } of file.eachEntry()) {
      names.push(fileName);
      if (names.length >= most) break;
    }
    return names;
  } catch {
    return undefined;
  }
}

/** A zip archive in memory, read by its central directory. */
export class ZipArchive {
  private constructor(
    private readonly file: yauzl.ZipFile,
    private readonly opening: Opening,
    readonly entries: readonly ZipEntry[],
  ) {}

  /** @throws rejections of a broken archive, of a name that leads out of its folder, and of too many entries */
  static async open(bytes: Buffer, opening: Opening): Promise<ZipArchive> {
    try {
      const file = await yauzl.fromBufferPromise(bytes, OPTIONS);
      const entries: ZipEntry[] = [];
      for await (const entry of file.eachEntry()) {
        opening.countEntry();
        const isEncrypted = (entry.generalPurposeBitFlag & ENCRYPTED) !== 0;
        if (!entry.fileName.endsWith('/')) entries.push({ name: entry.fileName, isEncrypted, entry });
      }
      return new ZipArchive(file, opening, entries);
    } catch (thrown) {
      throw broken(thrown, opening);
    }
  }

  find(name: string): ZipEntry | undefined {
    return this.entries.find((entry) => entry.name.toLowerCase() === name.toLowerCase());
  }

  /** The bytes of an entry, decompressed. @throws the rejections of an opening */
  async read({ entry, isEncrypted }: ZipEntry): Promise<Buffer> {
    if (isEncrypted) throw this.opening.refused('it is encrypted', 'encrypted');
    try {
      const stream = await this.file.openReadStreamPromise(entry);
      const pieces: Buffer[] = [];
      let size = 0;
      for await (const piece of stream as AsyncIterable<Buffer>) {
        size += piece.length;
        this.opening.charge(piece.length, entry.compressedSize, size);
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    } catch (thrown) {
      throw broken(thrown, this.opening);
    }
  }
}

/** Ours are passed on; what the library says may repeat a name. */
function broken(thrown: unknown, opening: Opening): unknown {
  if (thrown instanceof Error && thrown.name === 'TocsinError') return thrown;
  const said = thrown instanceof Error ? thrown.message : '';
  if (/relative path|absolute path|invalid characters in fileName/i.test(said)) {
    return opening.refused('the name of an entry leads out of its folder', 'path');
  }
  return opening.refused('the zip archive is broken', 'broken');
}
