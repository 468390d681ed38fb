import { createHash } from 'node:crypto';
import { isLookedUp, LOOK_UP_TYPES, lookUpDigest } from './look-up-digest.js';
import { SIGNAL_TYPES } from './registry.js';

const sha256 = (text: string): string => createHash('sha256').update(text, 'utf8').digest('hex');

describe('the digest of a look-up', () => {
  it('is of the canonical value as text', () => {
    expect(lookUpDigest('md5', 'd41d8cd98f00b204e9800998ecf8427e')).toBe(sha256('d41d8cd98f00b204e9800998ecf8427e'));
    expect(lookUpDigest('domain', 'xn--bcher-kva.example')).toBe(sha256('xn--bcher-kva.example'));
  });

  it('of an address has neither scheme nor port, and is what is said of one that nobody may be shown', () => {
    const digest = sha256('host.example/a/b?c=d');
    expect(lookUpDigest('url', 'https://host.example/a/b?c=d')).toBe(digest);
    expect(lookUpDigest('url', 'http://host.example:8080/a/b?c=d')).toBe(digest);
    expect(lookUpDigest('url-sha256', digest)).toBe(digest);
  });

  it('is there for types that match exactly, and for no others', () => {
    expect(LOOK_UP_TYPES.every((type) => SIGNAL_TYPES.includes(type))).toBe(true);
    for (const word of ['pdq', 'phrase', 'photodna', 'tmk-pdqf', 'bulletin', 'toString', undefined])
      expect(isLookedUp(word)).toBe(false);
  });
});
