import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fault } from '#libs/domain';
import type { KeyPurpose, PublicKeys } from './key-purposes.js';

/** One key: 32 bytes under an id. */
export interface Key {
  id: string;
  bytes: Buffer;
}

export const KEY_BYTES = 32;
const LOOK_AGAIN_MS = 30_000;
const LOOK_FOR_UNKNOWN_MS = 1000;
/** Name of a key file, with the key's id. */
export const KEY_FILE = /^([a-z0-9][a-z0-9-]{0,62})\.key$/;

/**
 * The keys of one purpose: files `<dir>/<purpose>/<id>.key`, or `<dir>/<purpose>.<id>.key` where folders cannot be had
 * (a mounted Kubernetes secret); base64 of 32 bytes, the greatest id being the newest.
 */
export class KeyRing {
  private keys: Key[] = [];
  private readAt = 0;

  private constructor(
    private readonly keysDir: string,
    private readonly purpose: KeyPurpose | PublicKeys,
  ) {
    this.read();
  }

  /** @throws a fault when there is no readable key */
  static open(keysDir: string, purpose: KeyPurpose | PublicKeys): KeyRing {
    return new KeyRing(keysDir, purpose);
  }

  newest(): Key {
    const newest = this.all().at(0);
    if (!newest) throw fault(`there is no key for ${this.purpose}`);
    return newest;
  }

  /** A key that is not known yet may have been added a moment ago by another service's rotation: looked for anew. */
  byId(id: string): Key | undefined {
    const known = this.all().find((key) => key.id === id);
    if (known || Date.now() - this.readAt < LOOK_FOR_UNKNOWN_MS) return known;
    this.readAgain();
    return this.keys.find((key) => key.id === id);
  }

  /** All keys, newest first. A file that was added or removed is noticed within half a minute. */
  all(): readonly Key[] {
    if (Date.now() - this.readAt > LOOK_AGAIN_MS) this.readAgain();
    return this.keys;
  }

  /** A folder that cannot be read for a moment, or a file half written, does not take the known keys away. */
  private readAgain(): void {
    try {
      this.read();
    } catch {
      this.readAt = Date.now();
    }
  }

  private read(): void {
    const files = [...this.filesIn(this.purpose, ''), ...this.filesIn('', `${this.purpose}.`)];
    const keys = files
      .sort((a, b) => (a.id < b.id ? 1 : -1))
      .map(({ id, file }) => ({ id, bytes: this.readKey(id, file) }));
    if (keys.length === 0) throw fault(`there is no key for ${this.purpose}`);
    this.keys = keys;
    this.readAt = Date.now();
  }

  private filesIn(folder: string, prefix: string): { id: string; file: string }[] {
    let names: string[];
    try {
      names = readdirSync(join(this.keysDir, folder));
    } catch {
      return [];
    }
    return names.flatMap((name) => {
      const id = name.startsWith(prefix) ? KEY_FILE.exec(name.slice(prefix.length))?.[1] : undefined;
      return id === undefined ? [] : [{ id, file: join(this.keysDir, folder, name) }];
    });
  }

  private readKey(id: string, file: string): Buffer {
    const bytes = Buffer.from(readFileSync(file, 'utf8').trim(), 'base64');
    if (bytes.length !== KEY_BYTES) throw fault(`the key ${id} for ${this.purpose} is not ${KEY_BYTES} bytes`);
    return bytes;
  }
}
