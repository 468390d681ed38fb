import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { createKey } from './key-files.js';
import { KeyRing } from './key-ring.js';
import { decrypt, encrypt, seal, unseal } from './seal.js';

const KEY = Buffer.alloc(32, 7);

describe('a sealed text', () => {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-keys-'));
  createKey(folder, 'endpoint-secrets', new Date());
  const ring = KeyRing.open(folder, 'endpoint-secrets');
  afterAll(() => rmSync(folder, { recursive: true }));

  it('opens to what was sealed, in its context', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.string(), (text, context) => {
        const plaintext = Buffer.from(text);
        expect(unseal(ring, seal(ring, plaintext, context), context)).toEqual(plaintext);
        expect(decrypt(KEY, encrypt(KEY, plaintext, context), context)).toEqual(plaintext);
      }),
    );
  });

  it('opens nowhere else, and not after any change', () => {
    const sealed = encrypt(KEY, Buffer.from('text'), 'here');
    expect(() => decrypt(KEY, sealed, 'there')).toThrow('cannot be opened');
    expect(() => decrypt(Buffer.alloc(32, 8), sealed, 'here')).toThrow('cannot be opened');
    for (let at = 0; at < sealed.length; at += 1) {
      const changed = Buffer.from(sealed);
      changed.writeUInt8(changed.readUInt8(at) ^ 1, at);
      expect(() => decrypt(KEY, changed, 'here')).toThrow('cannot be opened');
    }
    for (let length = 0; length < sealed.length; length += 1)
      expect(() => decrypt(KEY, sealed.subarray(0, length), 'here')).toThrow('cannot be opened');
    expect(() => unseal(ring, Buffer.alloc(0), 'here')).toThrow('the key of a sealed text is not there');
  });

  it('never repeats', () => {
    const once = encrypt(KEY, Buffer.from('text'), 'here');
    expect(encrypt(KEY, Buffer.from('text'), 'here').equals(once)).toBe(false);
  });
});
