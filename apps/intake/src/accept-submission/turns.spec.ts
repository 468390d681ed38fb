import { setTimeout as sleep } from 'node:timers/promises';
import { Turns } from './turns.js';

describe('Turns', () => {
  it('lets so many work at once, the others in the order in which they came', async () => {
    const turns = new Turns(2);
    const order: number[] = [];
    let working = 0;
    let most = 0;
    await Promise.all(
      Array.from({ length: 7 }, async (_, index) => {
        const giveBack = await turns.take();
        order.push(index);
        most = Math.max(most, (working += 1));
        await sleep(2);
        working -= 1;
        giveBack();
      }),
    );
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6]);
    expect(most).toBe(2);
  });

  it('gives up after the longest wait, and keeps its place for nobody', async () => {
    const turns = new Turns(1);
    const giveBack = await turns.take();
    await expect(turns.take(10)).rejects.toMatchObject({ code: 'TOC_REQUEST_TOO_MANY', family: 'transient' });
    const next = turns.take(1000);
    giveBack();
    giveBack();
    (await next)();
    await expect(turns.take(10)).resolves.toBeDefined();
    await expect(turns.take(10)).rejects.toMatchObject({ code: 'TOC_REQUEST_TOO_MANY' });
  });
});
