import fc from 'fast-check';
import { hashSecret, makeApiKey, parseApiKey } from './api-key.js';

describe('an API key', () => {
  it('comes apart into the id that is looked up and the secret that is compared', () => {
    const { id, key, secretHash } = makeApiKey();
    const parsed = parseApiKey(key);
    expect(parsed?.id).toBe(id);
    expect(hashSecret(parsed?.secret ?? '')).toEqual(secretHash);
    expect(secretHash.toString('latin1')).not.toContain(parsed?.secret);
  });

  it('is different each time', () => {
    const keys = Array.from({ length: 50 }, () => makeApiKey());
    expect(new Set(keys.map(({ key }) => key)).size).toBe(50);
    expect(new Set(keys.map(({ id }) => id)).size).toBe(50);
  });

  it('has one shape', () => {
    const { key } = makeApiKey();
    for (const strange of ['', `${key}x`, ` ${key}`, key.slice(0, -1), `${key}\n`, key.toUpperCase(), `x${key}`])
      expect(parseApiKey(strange)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => expect(parseApiKey(text)).toBeUndefined()));
  });
});
