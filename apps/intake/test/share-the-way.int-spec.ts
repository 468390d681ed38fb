import { hashList } from './hash-list.js';
import { IntakeRig, type Reply, type RigPerson } from './intake-rig.js';

const MIB = 1024 * 1024;

describe('many uploads at once', () => {
  let rig: IntakeRig;
  let officer: RigPerson;
  const large = hashList(50_000);

  beforeAll(async () => {
    rig = await IntakeRig.start({ concurrentUploads: 1 });
    await rig.channel('everyone');
    await rig.channel('night', 'emergency');
    officer = await rig.person(await rig.organisation('agency', 'Agency', ['everyone']), 'officer');
  });
  afterAll(() => rig.stop());

  const submit = (body: RequestInit['body'], query = ''): Promise<Reply> =>
    rig.call(officer, 'POST', `/v1/submissions${query}`, body);
  /** An upload that holds the only place until it is let go. */
  const hold = (): { reply: Promise<Reply>; letGo: () => void } => {
    let letGo = (): void => undefined;
    const held = new Promise<void>((resolve) => (letGo = resolve));
    async function* pieces(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(large.subarray(0, 2 * MIB + MIB / 2));
      await held;
      yield new Uint8Array(large.subarray(2 * MIB + MIB / 2));
    }
    return { reply: submit(ReadableStream.from(pieces())), letGo: () => letGo() };
  };
  const uploadsBegun = async (): Promise<void> => {
    while (((await rig.leftBehind()).uploads ?? 0) < 1) await new Promise((resolve) => setTimeout(resolve, 10));
  };

  it('large ones wait for their turn; small ones and emergencies do not', async () => {
    const first = hold();
    await uploadsBegun();
    const order: string[] = [];
    const second = submit(large).then((reply) => {
      order.push('second');
      return reply;
    });
    expect((await submit(hashList(10))).status).toBe(202);
    order.push('small');
    expect((await submit(large, '?channels=night')).status).toBe(202);
    order.push('urgent');
    first.letGo();
    expect((await first.reply).status).toBe(202);
    expect((await second).status).toBe(202);
    expect(order).toEqual(['small', 'urgent', 'second']);
    expect(await rig.leftBehind()).toMatchObject({ uploads: 0, submissions: 4 });
  });
});
