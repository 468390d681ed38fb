import fc from 'fast-check';
import { readChallenge } from './challenge.js';

const WHO = { role: 'owner', reason: 'lawful-here' };
const typesOf = (item: string): string[] => {
  const read = readChallenge({ ...WHO, item });
  return read.ok ? read.challenge.signals.map(({ type }) => type) : [];
};

describe('readChallenge', () => {
  it.each([
    ['d41d8cd98f00b204e9800998ecf8427e', ['md5']],
    ['DA39A3EE5E6B4B0D3255BFEF95601890AFD80709', ['sha1']],
    ['a'.repeat(64), ['sha256', 'url-sha256']],
    ['a'.repeat(128), ['sha512']],
    ['https://archive.example/film', ['url', 'url-sha256', 'url', 'url-sha256']],
    ['archive.example', ['domain']],
    ['a'.repeat(65), []],
    ['ftp://archive.example/', []],
    ['somebody@archive.example', []],
    ['', []],
  ])('finds what %s may be listed as', (item, types) => {
    expect(typesOf(item)).toEqual(types);
  });

  it('takes an empty sentence, as a form sends it, for none', () => {
    const read = readChallenge({ ...WHO, item: 'archive.example', sentence: '' });
    expect(read).toEqual({ ok: true, challenge: { ...WHO, signals: [{ type: 'domain', value: 'archive.example' }] } });
  });

  it('answers for anything, and never repeats what was given', () => {
    fc.assert(
      fc.property(fc.anything(), fc.string({ minLength: 8 }), (anything, text) => {
        for (const given of [anything, { item: text, role: text, reason: text, sentence: `${text}\n` }]) {
          const read = readChallenge(given);
          if (!read.ok && text.trim().length >= 8) expect(read.problems.join('\n')).not.toContain(text);
        }
      }),
    );
  });
});
