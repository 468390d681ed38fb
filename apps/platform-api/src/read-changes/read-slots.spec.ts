import { ReadSlots } from './read-slots.js';

/** A read that ends when it is told to. */
function openRead(): { read: () => Promise<string>; end: (how?: 'failed') => void; hasBegun: () => boolean } {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  let begun = false;
  return {
    read: () => {
      begun = true;
      return promise;
    },
    end: (how) => (how ? reject(new Error(how)) : resolve('read')),
    hasBegun: () => begun,
  };
}
const soon = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('read slots', () => {
  test('refuse a read beyond their number, of this platform alone', async () => {
    const slots = new ReadSlots(1);
    const open = openRead();
    const first = slots.during('p', open.read);
    await expect(slots.during('p', open.read)).rejects.toMatchObject({ code: 'TOC_REQUEST_TOO_MANY' });
    expect(await slots.during('q', () => Promise.resolve(1))).toBe(1);
    open.end();
    expect(await first).toBe('read');
    expect(await slots.during('p', () => Promise.resolve(2))).toBe(2);
  });

  test('let short reads wait, one after the other, however the one before ends', async () => {
    const slots = new ReadSlots(1);
    const [long, second, third] = [openRead(), openRead(), openRead()];
    const first = slots.during('p', long.read);
    const waiting = [slots.queued('p', second.read), slots.queued('p', third.read)];
    await soon();
    expect([second.hasBegun(), third.hasBegun()]).toEqual([false, false]);
    long.end('failed');
    await expect(first).rejects.toThrow('failed');
    await soon();
    expect([second.hasBegun(), third.hasBegun()]).toEqual([true, false]);
    await expect(slots.during('p', long.read)).rejects.toMatchObject({ code: 'TOC_REQUEST_TOO_MANY' });
    second.end();
    third.end();
    expect(await Promise.all(waiting)).toEqual(['read', 'read']);
    expect(await slots.during('p', () => Promise.resolve(1))).toBe(1);
  });

  test('let only so many wait', async () => {
    const slots = new ReadSlots(1);
    const open = openRead();
    const all = Array.from({ length: 201 }, () => slots.queued('p', open.read));
    await expect(slots.queued('p', open.read)).rejects.toMatchObject({ code: 'TOC_REQUEST_TOO_MANY' });
    open.end();
    expect(new Set(await Promise.all(all))).toEqual(new Set(['read']));
  });
});
