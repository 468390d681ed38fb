import { AnsweredPages } from './answered-pages.js';

const MEBIBYTE = 1024 * 1024;

describe('answered pages', () => {
  test('are found by their question, the newest of each', () => {
    const pages = new AnsweredPages();
    pages.keep('q', { when: '1', bytes: Buffer.from('a') });
    pages.keep('q', { when: '2', bytes: Buffer.from('b'), first: 'f', last: 'l' });
    expect(pages.get('q')).toEqual({ when: '2', bytes: Buffer.from('b'), first: 'f', last: 'l' });
    expect(pages.get('other')).toBeUndefined();
  });

  test('are kept within bounds', () => {
    const pages = new AnsweredPages();
    for (let at = 0; at < 100; at += 1) pages.keep(`${at}`, { when: '', bytes: Buffer.alloc(MEBIBYTE) });
    const kept = Array.from({ length: 100 }, (_, at) => pages.get(`${at}`)).filter(Boolean);
    expect(kept.length).toBeLessThanOrEqual(32);
    expect(pages.get('99')).toBeDefined();
  });
});
