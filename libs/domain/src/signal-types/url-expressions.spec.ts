import fc from 'fast-check';
import { urlExpressions, urlHost } from './index.js';

test('the two examples of the Safe Browsing documentation', () => {
  expect(urlExpressions('http://a.b.c/1/2.html?param=1')).toEqual([
    ...['a.b.c/1/2.html?param=1', 'a.b.c/1/2.html', 'a.b.c/', 'a.b.c/1/'],
    ...['b.c/1/2.html?param=1', 'b.c/1/2.html', 'b.c/', 'b.c/1/'],
  ]);
  expect(urlExpressions('http://a.b.c.d.e.f.g/1.html')).toEqual([
    ...['a.b.c.d.e.f.g/1.html', 'a.b.c.d.e.f.g/'],
    ...['c.d.e.f.g/1.html', 'c.d.e.f.g/', 'd.e.f.g/1.html', 'd.e.f.g/'],
    ...['e.f.g/1.html', 'e.f.g/', 'f.g/1.html', 'f.g/'],
  ]);
});

test('an address has no parents', () => {
  expect(urlExpressions('http://192.0.2.1/1/')).toEqual(['192.0.2.1/1/', '192.0.2.1/']);
  expect(urlExpressions('https://[2001:db8::1]/')).toEqual(['[2001:db8::1]/']);
  expect(urlHost('https://[2001:db8::1]:8080/')).toBe('[2001:db8::1]');
});

test('scheme and port do not matter; a query does', () => {
  const expressions = urlExpressions('http://a.example/x');
  expect(urlExpressions('https://a.example/x')).toEqual(expressions);
  expect(urlExpressions('http://a.example:8080/x')).toEqual(expressions);
  expect(urlExpressions('http://a.example/?')).toEqual(['a.example/?', 'a.example/']);
});

test('directories end after three below the root', () => {
  expect(urlExpressions('http://a.example/1/2/3/4/5')).toEqual([
    ...['a.example/1/2/3/4/5', 'a.example/', 'a.example/1/', 'a.example/1/2/', 'a.example/1/2/3/'],
  ]);
});

test('there are 1 to 30 different expressions, each of which the URL begins or ends with', () => {
  const word = fc.stringMatching(/^[a-z][a-z0-9]{0,3}$/);
  const words = (minLength: number): fc.Arbitrary<string[]> => fc.array(word, { minLength, maxLength: 9 });
  fc.assert(
    fc.property(words(1), words(0), fc.constantFrom('', '?', '?q/r'), (labels, segments, query) => {
      const host = labels.join('.');
      const pathAndQuery = `/${segments.join('/')}${query}`;
      const value = `http://${host}${pathAndQuery}`;
      expect(urlHost(value)).toBe(host);
      const expressions = urlExpressions(value);
      expect(expressions[0]).toBe(host + pathAndQuery);
      expect(new Set(expressions).size).toBe(expressions.length);
      expect(expressions.length).toBeLessThanOrEqual(30);
      for (const expression of expressions) {
        const slash = expression.indexOf('/');
        expect(`.${host}`.endsWith(`.${expression.slice(0, slash)}`)).toBe(true);
        expect(pathAndQuery.startsWith(expression.slice(slash))).toBe(true);
      }
    }),
  );
});
