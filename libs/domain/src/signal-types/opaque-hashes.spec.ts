import { randomBytes } from 'node:crypto';
import {
  canonicalise,
  HASH_LICENCES,
  isExactHash,
  isOpaqueHash,
  licenceFor,
  LICENSED_TYPES,
  SIGNAL_TYPES,
} from './index.js';

describe('opaque hashes', () => {
  const bytes = randomBytes(144);
  const value = bytes.toString('base64');

  it('of PhotoDNA are one value in each of their spellings', () => {
    const broken = value.replace(/.{76}/g, '$&\r\n');
    for (const raw of [
      value,
      ` ${value}\n`,
      broken,
      bytes.toString('hex'),
      [...bytes].join(','),
      [...bytes].join(', '),
    ])
      expect(canonicalise('photodna', raw)).toEqual({ ok: true, value });
    const short = bytes.subarray(1);
    const wrong = [
      '',
      value.slice(1),
      `${value}A`,
      short.toString('hex'),
      [...short].join(','),
      [...short, 256].join(),
    ];
    for (const raw of [...wrong, `${bytes.toString('hex')}..`, 'x'.repeat(5000)])
      expect(canonicalise('photodna', raw)).toMatchObject({ ok: false });
  });

  it.each(LICENSED_TYPES.filter((type) => type !== 'photodna'))('of %s are kept as they are written', (type) => {
    expect(canonicalise(type, ' AbCd0123+/== AbCd0123 \n')).toEqual({ ok: true, value: 'AbCd0123+/==AbCd0123' });
    for (const raw of ['', 'short', 'x'.repeat(4097), 'x'.repeat(100_000), '<a>b</a>'.repeat(4)])
      expect(canonicalise(type, raw)).toMatchObject({ ok: false });
  });

  it('need a licence, perceptual ones of abuse material too', () => {
    for (const type of SIGNAL_TYPES) {
      const opaque = LICENSED_TYPES.some((licensed) => licensed === type);
      expect(isOpaqueHash(type)).toBe(opaque);
      expect(isOpaqueHash(type) && isExactHash(type)).toBe(false);
      expect(licenceFor(type, false)).toBe(opaque ? type : undefined);
      expect(licenceFor(type, true)).toBe(opaque || type === 'pdq' || type === 'url-sha256' ? type : undefined);
    }
    expect(HASH_LICENCES).toHaveLength(LICENSED_TYPES.length + 2);
  });
});
