import { createHash } from 'node:crypto';
import { canonicalise, hashUrl } from './index.js';

describe('the hash of an address', () => {
  it('is that of its most exact expression, without scheme and port', () => {
    const expected = createHash('sha256').update('a.example/b/c?d=1').digest('hex');
    for (const url of ['https://a.example/b/c?d=1', 'http://a.example:8080/b/c?d=1']) {
      expect(hashUrl(url)).toBe(expected);
      expect(canonicalise('url-sha256', hashUrl(url))).toEqual({ ok: true, value: expected });
    }
    expect(hashUrl('https://a.example/')).toBe(createHash('sha256').update('a.example/').digest('hex'));
    expect(hashUrl('https://a.example/b/c?d=2')).not.toBe(expected);
  });
});
