import type { ListContent } from '#libs/safeguards';
import { narrows } from './narrowing.js';

const list = (judges: ListContent['judges'], ...entries: string[]): ListContent => ({ title: 'x', judges, entries });

describe('a new version of a protected list', () => {
  it.each<[string, ListContent, ListContent, boolean]>([
    ['the same', list('any-hit', 'a.example'), list('any-hit', 'a.example'), false],
    ['another title', list('any-hit', 'a.example'), { ...list('any-hit', 'a.example'), title: 'y' }, false],
    ['one entry more', list('any-hit', 'a.example'), list('any-hit', 'a.example', 'b.example'), false],
    ['one entry less', list('any-hit', 'a.example', 'b.example'), list('any-hit', 'a.example'), true],
    ['another entry instead', list('any-hit', 'a.example'), list('any-hit', 'b.example'), true],
    ['a host instead of one below it', list('any-hit', 'x.a.example'), list('any-hit', 'a.example'), true],
    ['nothing left', list('any-hit', 'a.example'), list('any-hit'), true],
    ['more hits of a host', list('whole-host', 'a.example'), list('any-hit', 'a.example'), false],
    ['fewer hits of a host', list('any-hit', 'a.example'), list('whole-host', 'a.example'), true],
    ['hosts read as digests', list('any-hit', 'a.example'), list('digest', 'a.example'), true],
  ])('narrows or not: %s', (_, before, after, expected) => {
    expect(narrows(before, after)).toBe(expected);
  });
});
