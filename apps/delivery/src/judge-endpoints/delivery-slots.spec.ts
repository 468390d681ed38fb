import { DeliverySlots, type DeliverySlot } from './delivery-slots.js';

const never = new AbortController().signal;
const settled = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => true), new Promise<boolean>((resolve) => setImmediate(() => resolve(false)))]);
const MIB = 1024 * 1024;

let platforms = 0;
/** Somebody of a platform of their own unless one is named. */
const sound = (platformId = `platform-${(platforms += 1)}`) => ({ platformId, isSuspect: () => false });
const suspect = (platformId?: string) => ({ ...sound(platformId), isSuspect: () => true });

describe('delivery slots', () => {
  it('bound what is under way and go to whoever waits longest', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const slot = await slots.take('ordinary', sound(), never);
    const order: number[] = [];
    const waiting = [1, 2].map(async (who) => {
      const mine = await slots.take('ordinary', sound(), never);
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
    await slots.take('ordinary', suspect(), never);
    expect(await settled(slots.take('ordinary', suspect(), never))).toBe(false);
    expect(await settled(slots.take('ordinary', sound(), never))).toBe(true);
    expect(await settled(slots.take('emergency', sound(), never))).toBe(true);
    expect(await settled(slots.take('emergency', suspect(), never))).toBe(true);
  });

  it('are freed by a request that turns out to be slow, until such requests hold too much memory', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const slow: DeliverySlot[] = [];
    for (let count = 0; count < 32; count += 1) {
      const slot = await slots.take('ordinary', count % 2 === 0 ? sound() : suspect(), never);
      slot.slow(MIB);
      slow.push(slot);
    }
    const tooMuch = await slots.take('ordinary', sound(), never);
    tooMuch.slow(MIB);
    const next = slots.take('ordinary', sound(), never);
    expect(await settled(next)).toBe(false);
    slow[0]?.give();
    tooMuch.slow(MIB);
    expect(await settled(next)).toBe(true);
  });

  it('go to an endpoint as what it is known for when its turn comes', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const [held, hanging] = [
      await slots.take('ordinary', sound(), never),
      await slots.take('ordinary', suspect(), never),
    ];
    let becameKnown = false;
    const waiting = slots.take('ordinary', { ...sound(), isSuspect: () => becameKnown }, never);
    const prompt = slots.take('ordinary', sound(), never);
    becameKnown = true;
    held.give();
    expect([await settled(waiting), await settled(prompt)]).toEqual([false, true]);
    hanging.give();
    expect(await settled(waiting)).toBe(true);
  });

  it('cannot all be held by one platform, and go first to the platform that holds fewest', async () => {
    const slots = new DeliverySlots({ ordinary: 12, emergency: 2 });
    const ofMany = Array.from({ length: 100 }, () => slots.take('ordinary', sound('many'), never));
    expect(await Promise.all(ofMany.map(settled))).toEqual(ofMany.map((_, index) => index < 2));
    const others = await Promise.all([1, 2, 3, 4].map(() => slots.take('ordinary', sound(), never)));
    const late = slots.take('ordinary', sound(), never);
    expect(await settled(late)).toBe(false);
    (await ofMany[0])?.give();
    expect(await settled(late)).toBe(true);
    others[0]?.give();
    expect(await settled(Promise.resolve(ofMany[2]))).toBe(true);
  });

  it('count every endpoint of a platform as suspect once many of its requests are slow', async () => {
    const slots = new DeliverySlots({ ordinary: 12, emergency: 2 });
    for (let count = 0; count < 2; count += 1) (await slots.take('ordinary', sound('hostile'), never)).slow(1);
    const places = await Promise.all([1, 2, 3, 4, 5, 6].map(() => slots.take('ordinary', suspect(), never)));
    const another = slots.take('ordinary', sound('hostile'), never);
    expect(await settled(another)).toBe(false);
    expect(await settled(slots.take('ordinary', sound(), never))).toBe(true);
    places[0]?.give();
    expect(await settled(another)).toBe(true);
  });

  it('leave room for the slow requests of others', async () => {
    const slots = new DeliverySlots({ ordinary: 12, emergency: 2 });
    for (let count = 0; count < 8; count += 1) (await slots.take('ordinary', suspect('large'), never)).slow(MIB);
    const kept = [
      await slots.take('ordinary', suspect('large'), never),
      await slots.take('ordinary', suspect('large'), never),
    ];
    for (const slot of kept) slot.slow(MIB);
    expect(await settled(slots.take('ordinary', suspect('large'), never))).toBe(false);
    for (let count = 0; count < 24; count += 1) (await slots.take('ordinary', sound(), never)).slow(MIB);
  });

  it('are not lost to somebody who gave up waiting', async () => {
    const slots = new DeliverySlots({ ordinary: 2, emergency: 2 });
    const slot = await slots.take('ordinary', sound(), never);
    const impatient = new AbortController();
    const gaveUp = slots.take('ordinary', sound(), impatient.signal);
    impatient.abort();
    await expect(gaveUp).rejects.toMatchObject({ name: 'AbortError' });
    slot.give();
    expect(await settled(slots.take('ordinary', sound(), never))).toBe(true);
  });
});
