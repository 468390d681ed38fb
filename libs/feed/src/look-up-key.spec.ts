import { lookUpDigest } from '#libs/domain';
import { lookUpKeyOf, lookUpRange } from './look-up-key.js';

const body = (signal: unknown, more: object = {}): Buffer =>
  Buffer.from(JSON.stringify({ id: 'x', type: 'row', signal, harms: ['tvec'], ...more }));
const keyOf = (digest: string): number => Number.parseInt(digest.slice(0, 7), 16);

describe('the key of a look-up', () => {
  it.each([
    ['sha256', '5e'.repeat(32)],
    ['domain', 'host.example'],
    ['url', `https://host.example/${'a'.repeat(4000)}`],
    ['url', 'https://host.example/?a="}b\\"}'],
    ['url', 'https://host.example/?a=\\\\"}{"}'],
  ] as const)('is that of the digest of a signal of type %s', (type, value) => {
    expect(lookUpKeyOf(body({ type, value }))).toBe(keyOf(lookUpDigest(type, value)));
  });

  it.each([
    [{ type: 'pdq', value: '0f'.repeat(32) }],
    [{ type: 'phrase', value: '"signal":{"type":"domain","value":"a.example"}' }],
    [{ type: 'domain' }],
    [{ type: 'domain', value: 7 }],
    [undefined],
  ])('is absent where nothing can be looked up: %j', (signal) => {
    expect(lookUpKeyOf(body(signal))).toBeUndefined();
  });

  it.each(['{}', '{"signal":{"type":"domain","value":"a.example', '{"signal":{}', '{"signal":{"type":x"}'])(
    'is absent in what is no record: %s',
    (text) => expect(lookUpKeyOf(Buffer.from(text))).toBeUndefined(),
  );

  it('of a prefix is a range', () => {
    expect(lookUpRange('fff')).toEqual({ from: 0xfff0000, to: 0x10000000 });
    expect(lookUpRange('00001')).toEqual({ from: 0x100, to: 0x200 });
    expect(lookUpRange('1234567')).toEqual({ from: 0x1234567, to: 0x1234568 });
  });
});
