import { DeliverySlots } from './delivery-slots.js';

const never = new AbortController().signal;
const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

describe('delivery slots', () => {
  it('bound what is under way and go to whoever waits longest', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const give = await slots.take('ordinary', false, never);
    const order: number[] = [];
    const waiting = [1, 2].map(async (who) => {
      const back = await slots.take('ordinary', false, never);
      order.push(who);
      back();
    });
    expect(await settled(Promise.all(waiting))).toBe(false);
    give();
    await Promise.all(waiting);
    expect(order).toEqual([1, 2]);
  });

  it('keep some for emergencies, and for endpoints that answer', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    await slots.take('ordinary', true, never);
    expect(await settled(slots.take('ordinary', true, never))).toBe(false);
    expect(await settled(slots.take('ordinary', false, never))).toBe(true);
    expect(await settled(slots.take('emergency', false, never))).toBe(true);
    expect(await settled(slots.take('emergency', true, never))).toBe(true);
  });

  it('are not lost to somebody who gave up waiting', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const give = await slots.take('ordinary', false, never);
    const impatient = new AbortController();
    const gaveUp = slots.take('ordinary', false, impatient.signal);
    impatient.abort();
    await expect(gaveUp).rejects.toMatchObject({ name: 'AbortError' });
    give();
    expect(await settled(slots.take('ordinary', false, never))).toBe(true);
  });
});
