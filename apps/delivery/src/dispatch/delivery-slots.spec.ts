import { DeliverySlots } from './delivery-slots.js';

const never = new AbortController().signal;
const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);

describe('delivery slots', () => {
  it('bound what is under way and go to whoever waits longest', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const slot = await slots.take('ordinary', false, never);
    const order: number[] = [];
    const waiting = [1, 2].map(async (who) => {
      const mine = await slots.take('ordinary', false, never);
      order.push(who);
      mine.give();
    });
    expect(await settled(Promise.all(waiting))).toBe(false);
    slot.give();
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

  it('are freed by a request that turns out to be slow, and not without end', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const slow = [];
    for (let count = 0; count < 4; count += 1) {
      const slot = await slots.take('ordinary', false, never);
      slot.slow();
      slow.push(slot);
    }
    const fifth = await slots.take('ordinary', false, never);
    fifth.slow();
    const sixth = slots.take('ordinary', false, never);
    expect(await settled(sixth)).toBe(false);
    const suspect = slots.take('ordinary', true, never);
    for (const slot of slow.slice(0, 3)) slot.give();
    expect(await settled(suspect)).toBe(false);
    slow[3]?.give();
    expect(await settled(suspect)).toBe(true);
    fifth.give();
    expect(await settled(sixth)).toBe(true);
  });

  it('are not lost to somebody who gave up waiting', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const slot = await slots.take('ordinary', false, never);
    const impatient = new AbortController();
    const gaveUp = slots.take('ordinary', false, impatient.signal);
    impatient.abort();
    await expect(gaveUp).rejects.toMatchObject({ name: 'AbortError' });
    slot.give();
    expect(await settled(slots.take('ordinary', false, never))).toBe(true);
  });
});
