import { crc32, deflateRawSync } from 'node:zlib';

/** An entry of an archive that a test makes. */
export interface MadeEntry {
  name: string;
  bytes: string | Buffer;
  /** Bits of the general purpose flag. */
  flags?: number;
  /** What the archive says of its length, when that is a lie. */
  saidSize?: number;
}

/** A zip archive (APPNOTE 6.3, no zip64). Only tests write archives. */
export function makeZip(entries: readonly MadeEntry[]): Buffer {
  const pieces: Buffer[] = [];
  const directory: Buffer[] = [];
  let at = 0;
  for (const { name, bytes, flags = 0, saidSize } of entries) {
    const whole = Buffer.from(bytes);
    const packed = deflateRawSync(whole);
    const called = Buffer.from(name);
    const fields = Buffer.alloc(26);
    fields.writeUInt16LE(20, 0);
    fields.writeUInt16LE(flags | 0x800, 2);
    fields.writeUInt16LE(8, 4);
    fields.writeUInt32LE(crc32(whole), 10);
    fields.writeUInt32LE(packed.length, 14);
    fields.writeUInt32LE(saidSize ?? whole.length, 18);
    fields.writeUInt16LE(called.length, 22);
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(at, 10);
    pieces.push(Buffer.from('PK\x03\x04', 'latin1'), fields, called, packed);
    directory.push(Buffer.from('PK\x01\x02\x14\x00', 'latin1'), fields, tail, called);
    at += 4 + fields.length + called.length + packed.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 'latin1');
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(at, 16);
  return Buffer.concat([...pieces, listed, end]);
}
