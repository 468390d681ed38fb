import { holds, NotConforming, refused, taken, type ConformanceCase } from './conformance-case.js';
import type { Signing } from './bench.js';
import { madeRow } from './made-records.js';

const refusing = (id: string, what: string, signing: Signing): ConformanceCase => ({
  ...{
    id,
    rule: 'verification',
    level: 'MUST',
    says: `A delivery ${what} is refused with 401, and nothing of it is applied.`,
  },
  async run(bench) {
    const row = bench.newRow();
    const status = await bench.deliver([madeRow(row)], signing);
    refused(status, `a delivery ${what}`);
    await holds(bench, row, 'absent');
  },
});

/** Who may be believed. */
export const SIGNATURE_CASES: readonly ConformanceCase[] = [
  {
    ...{
      id: 'challenge',
      rule: 'verification',
      level: 'MUST',
      says: 'A challenge is answered 200 with the same text.',
    },
    async run(bench) {
      const challenge = `challenge ${bench.newRow()}`;
      const { status, body } = await bench.send(JSON.stringify({ type: 'tocsin.challenge', challenge }));
      if (status !== 200) throw new NotConforming(`the challenge was answered ${status}`);
      if (!body.includes(JSON.stringify(challenge))) throw new NotConforming('the answer does not hold the challenge');
    },
  },
  refusing('signature-of-a-stranger', 'signed by a key that is not trusted', { by: ['stranger'] }),
  refusing('no-signature', 'without a signature', { by: [] }),
  refusing('altered-body', 'whose body is not the one that was signed', { altered: true }),
  refusing('old-timestamp', 'ten minutes old', { skew: -600 }),
  refusing('future-timestamp', 'ten minutes ahead', { skew: 600 }),
  {
    ...{
      id: 'one-of-several',
      rule: 'keys',
      level: 'MUST',
      says: 'One signature by a trusted key is enough among others.',
    },
    async run(bench) {
      const row = bench.newRow();
      taken(await bench.deliver([madeRow(row)], { by: ['stranger', 'present'] }), 'a delivery with two signatures');
      await holds(bench, row, 'live', 1);
    },
  },
  {
    ...{
      id: 'next-key',
      rule: 'keys',
      level: 'MUST',
      says: 'The key that takes the place of the first is trusted by itself.',
    },
    async run(bench) {
      const row = bench.newRow();
      taken(await bench.deliver([madeRow(row)], { by: ['present', 'next'] }), 'a delivery signed by both keys');
      taken(await bench.deliver([madeRow(row, 2)], { by: ['next'] }), 'a delivery signed by the next key');
      await holds(bench, row, 'live', 2);
    },
  },
  {
    ...{
      id: 'no-batch',
      rule: 'verification',
      level: 'MUST',
      says: 'What is no batch is refused, and the receiver lives on.',
    },
    async run(bench) {
      for (const text of ['{', '[]', '{"type":"something-else"}', '{"type":"tocsin.batch"}'])
        refused((await bench.send(text)).status, `the body ${text}`);
      const row = bench.newRow();
      taken(await bench.deliver([madeRow(row)]), 'the delivery after it');
    },
  },
];
