import fc from 'fast-check';
import { urlExpressions, urlHost } from './index.js';

it.each([
  [
    'http://a.b.c/1/2.html?param=1',
    ['a.b.c/1/2.html?param=1', 'a.b.c/1/2.html', 'a.b.c/', 'a.b.c/1/'].concat([
      ...['b.c/1/2.html?param=1', 'b.c/1/2.html', 'b.c/', 'b.c/1/'],
    ]),
  ],
  [
    'http://a.b.c.d.e.f.g/1.html',
    ['a.b.c.d.e.f.g', 'c.d.e.f.g', 'd.e.f.g', 'e.f.g', 'f.g'].flatMap((host) => [`${host}/1.html`, `${host}/`]),
  ],
  ['https://1.2.3.4/1/', ['1.2.3.4/1/', '1.2.3.4/']],
  ['https://[2001:db8::1]:8443/a', ['[2001:db8::1]/a', '[2001:db8::1]/']],
  ['http://host/', ['host/']],
  ['http://a.b.c.d.e/', ['a.b.c.d.e/', 'b.c.d.e/', 'c.d.e/', 'd.e/']],
  ['http://b.c:8080/1/2/3/4/5?', ['b.c/1/2/3/4/5?', 'b.c/1/2/3/4/5', 'b.c/', 'b.c/1/', 'b.c/1/2/', 'b.c/1/2/3/']],
  ['http://b.c/a?x=/y/z', ['b.c/a?x=/y/z', 'b.c/a', 'b.c/']],
])('the expressions of %s', (url, expressions) => {
  expect(urlExpressions(url)).toEqual(expressions);
});

it.each([
  ['https://a.example/', 'a.example'],
  ['https://a.example:8443/b:1/?c', 'a.example'],
  ['http://[2001:db8::1]/', '[2001:db8::1]'],
  ['http://[2001:db8::1]:81/', '[2001:db8::1]'],
])('the host of %s', (url, host) => {
  expect(urlHost(url)).toBe(host);
});

it('gives at most thirty different ones, the exact one first', () => {
  const part = fc.stringMatching(/^[a-z]{1,3}$/);
  fc.assert(
    fc.property(
      fc.array(part, { minLength: 1, maxLength: 9 }),
      fc.array(part, { maxLength: 9 }),
      (labels, segments) => {
        const exact = `${labels.join('.')}/${segments.join('/')}?q`;
        const expressions = urlExpressions(`https://${exact}`);
        expect(expressions[0]).toBe(exact);
        expect(expressions.length).toBeLessThanOrEqual(30);
        expect(new Set(expressions).size).toBe(expressions.length);
      },
    ),
  );
});
