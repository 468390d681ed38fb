import { stopInOrder } from './stop-in-order.js';

describe('stopInOrder', () => {
  it('waits for each before the next, and stops the next even when one fails', async () => {
    const told: string[] = [];
    const part = (name: string, fails = false) => ({
      stop: async () => {
        told.push(`${name} asked`);
        await new Promise((resolve) => setTimeout(resolve, 5));
        told.push(`${name} gone`);
        if (fails) throw new Error(name);
      },
    });
    const stopping = stopInOrder([part('kafka', true), part('postgres')]);
    await expect(stopping).rejects.toMatchObject({ errors: [expect.objectContaining({ message: 'kafka' })] });
    expect(told).toEqual(['kafka asked', 'kafka gone', 'postgres asked', 'postgres gone']);
  });
});
