import { createHash, randomBytes } from 'node:crypto';
import { hashHygieneSafeguard } from './hash-hygiene.js';
import type { JudgedSignal, SafeguardFacts } from '../safeguard.js';
import type { Statement } from '#libs/domain';

/** The rule that decides, or `passes`. */
function ruleFor(signal: JudgedSignal): string {
  // Neither the words nor the lists matter to this safeguard.
  const ruling = hashHygieneSafeguard.judgeSignal?.(signal, {} as Statement, {} as SafeguardFacts);
  return ruling ? `${ruling.ruling} ${ruling.rule.id}` : 'passes';
}

const EXACT = [
  ['md5', 32],
  ['sha1', 40],
  ['sha256', 64],
  ['sha512', 128],
] as const;
const PDQ = 'f8f8f0cee0f4a84f06370a22038f63f0b36e2ed596621e1d33e6b39c4e9c9b22';

describe('hash hygiene', () => {
  describe.each(EXACT)('of %s', (type, digits) => {
    it.each(['0', 'f', 'ab', 'dead', 'deadbeef', '0123456789abcdef'])('rejects fillers made of %s', (text) => {
      expect(ruleFor({ type, value: text.repeat(digits).slice(0, digits) })).toBe('reject filler-hash');
    });

    it.each([
      ['nothing', Buffer.alloc(0)],
      ['a line end', Buffer.from('\n')],
      ['an empty object', Buffer.from('{}')],
      ['a block of zeros', Buffer.alloc(512)],
      ['a mebibyte of zeros', Buffer.alloc(1_048_576)],
      ['a page of ones', Buffer.alloc(4096, 0xff)],
    ])('holds the digest of %s', (_name, content) => {
      expect(ruleFor({ type, value: createHash(type).update(content).digest('hex') })).toBe('hold benign-digest');
    });

    it('lets the hashes of other content pass', () => {
      for (let turn = 0; turn < 1000; turn += 1)
        expect(ruleFor({ type, value: createHash(type).update(randomBytes(32)).digest('hex') })).toBe('passes');
    });
  });

  it.each(
    Object.entries({
      md5: 'd41d8cd98f00b204e9800998ecf8427e',
      sha1: 'da39a3ee5e6b4b0d3255bfef95601890afd80709',
      sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
      sha512: createHash('sha512').update('').digest('hex'),
    }),
  )('holds the digest of a file without content as it is known: %s', (type, value) => {
    expect(ruleFor({ type, value })).toBe('hold benign-digest');
  });

  it.each([
    [{ quality: 100 }, PDQ, 'passes'],
    [{ quality: 50 }, PDQ, 'passes'],
    [{}, PDQ, 'passes'],
    [{ quality: 49 }, PDQ, 'reject weak-perceptual-hash'],
    [{ quality: 0 }, PDQ, 'reject weak-perceptual-hash'],
    [{ quality: 100 }, '0'.repeat(64), 'reject unbalanced-perceptual-hash'],
    [{ quality: 100 }, 'f'.repeat(64), 'reject unbalanced-perceptual-hash'],
    [{}, `${'f'.repeat(15)}${'0'.repeat(49)}`, 'reject unbalanced-perceptual-hash'],
    [{}, `${'f'.repeat(16)}${'0'.repeat(48)}`, 'passes'],
  ])('of pdq, %j', (said, value, expected) => expect(ruleFor({ type: 'pdq', value, ...said })).toBe(expected));

  it('says nothing of addresses', () => {
    expect(ruleFor({ type: 'url', value: 'https://a.example/' })).toBe('passes');
    expect(ruleFor({ type: 'domain', value: 'a.example' })).toBe('passes');
  });
});
