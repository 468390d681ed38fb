import { parseJson } from './bounded-json.js';

const malformed = expect.objectContaining({ code: 'TOC_REQUEST_MALFORMED' }) as Error;

describe('JSON that somebody sent', () => {
  it.each([
    ['{"a":1,"b":{"a":[{"a":":"}]}}', { a: 1, b: { a: [{ a: ':' }] } }],
    ['"a:b"', 'a:b'],
    ['{"a:\\":b":1}', { 'a:":b': 1 }],
    ['[]', []],
  ])('%s is read', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it.each(['{"tlp":"red","tlp":"clear"}', '{"a":{"b":1,"\\u0062":2}}', '[{"__proto__":1,"__proto__":2}]'])(
    '%s is refused for its second key',
    (text) => {
      expect(() => parseJson(text)).toThrow(malformed);
    },
  );

  it.each([
    ['nesting', '['.repeat(51)],
    ['nesting 100,000 deep', '['.repeat(100_000)],
    ['syntax', '{"a":'],
    ['nothing', ''],
  ])('is refused for %s', (_what, text) => {
    expect(() => parseJson(text)).toThrow(malformed);
  });
});
