import fc from 'fast-check';
import { ChunkPace, ChunkPaces } from './chunk-pace.js';

const BOUNDS = { most: 1000, milliseconds: 50 };

describe('the pace of chunks', () => {
  it('begins with the most, and comes down to what fits at once', () => {
    const pace = new ChunkPace(BOUNDS);
    expect(pace.items).toBe(1000);
    pace.learn(1000, 200);
    expect(pace.items).toBe(250);
  });

  it('grows again by steps, from full chunks alone', () => {
    const pace = new ChunkPace(BOUNDS);
    pace.learn(1000, 500);
    pace.learn(3, 1);
    expect(pace.items).toBe(100);
    for (const expected of [200, 400, 800, 1000]) {
      pace.learn(pace.items, 5);
      expect(pace.items).toBe(expected);
    }
  });

  it('is not brought down by small chunks that are quick enough', () => {
    const pace = new ChunkPace(BOUNDS);
    for (let chunk = 0; chunk < 10; chunk += 1) pace.learn(1, 40);
    expect(pace.items).toBe(1000);
  });

  it('is never below what a transaction is worth, nor above its bound, whatever is learnt', () => {
    const chunk = fc.tuple(fc.integer({ min: 1, max: 5000 }), fc.double({ min: 0, max: 60_000, noNaN: true }));
    fc.assert(
      fc.property(fc.array(chunk), (chunks) => {
        const pace = new ChunkPace(BOUNDS);
        for (const [items, milliseconds] of chunks) {
          pace.learn(items, milliseconds);
          expect(pace.items).toBeGreaterThanOrEqual(50);
          expect(pace.items).toBeLessThanOrEqual(1000);
          expect(Number.isInteger(pace.items)).toBe(true);
        }
      }),
    );
    expect(new ChunkPace({ most: 10, milliseconds: 50 }).items).toBe(10);
  });

  it('comes to what fits, when each item takes its time and a transaction its own', () => {
    const pace = new ChunkPace(BOUNDS);
    for (let chunk = 0; chunk < 20; chunk += 1) pace.learn(pace.items, 5 + pace.items * 0.3);
    expect(5 + pace.items * 0.3).toBeGreaterThan(35);
    expect(5 + pace.items * 0.3).toBeLessThan(60);
  });

  it('is one for each kind of work', () => {
    const paces = new ChunkPaces(BOUNDS);
    paces.of('sweep').learn(1000, 500);
    expect([paces.of('sweep').items, paces.of('csv-list').items]).toEqual([100, 1000]);
  });
});
