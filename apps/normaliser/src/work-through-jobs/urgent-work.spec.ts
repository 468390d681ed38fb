import { UrgentWork } from './urgent-work.js';

const passedWithin = async (urgent: UrgentWork, milliseconds: number): Promise<boolean> => {
  let passed = false;
  void urgent.letPass().then(() => (passed = true));
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return passed;
};

describe('urgent work', () => {
  it('holds nobody up when there is none', async () => {
    expect(await passedWithin(new UrgentWork(), 0)).toBe(true);
  });

  it('goes first while it is there, and no longer', async () => {
    const urgent = new UrgentWork();
    urgent.isThere = true;
    urgent.isThere = true;
    expect(await passedWithin(urgent, 20)).toBe(false);
    const passing = urgent.letPass();
    urgent.isThere = false;
    await passing;
    expect(await passedWithin(urgent, 0)).toBe(true);
  });

  it('has a moment to reach the platforms, and is there again when more comes meanwhile', async () => {
    const urgent = new UrgentWork();
    urgent.isThere = true;
    urgent.isThere = false;
    expect(await passedWithin(urgent, 10)).toBe(false);
    urgent.isThere = true;
    expect(await passedWithin(urgent, 80)).toBe(false);
    urgent.isThere = false;
    expect(await passedWithin(urgent, 80)).toBe(true);
  });

  it('never stops ordinary work for good', async () => {
    const urgent = new UrgentWork();
    urgent.isThere = true;
    await urgent.letPass();
    expect(await passedWithin(urgent, 20)).toBe(false);
  });
});
