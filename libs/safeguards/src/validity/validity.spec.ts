import type { Statement } from '#libs/domain';
import { LONGEST_VALIDITY_BY_HARM, validitySafeguard } from './validity.js';

const NOW = new Date('2026-11-01T10:00:00.000Z');

function isRejected(harm: string, days: number): boolean {
  const validUntil = new Date(NOW.getTime() + days * 86_400_000).toISOString();
  const statement = { harms: [harm], validUntil } as Statement;
  const ruling = validitySafeguard.judgeStatement?.(statement, { permittedLists: new Set(), receivedAt: NOW });
  return ruling?.ruling === 'reject' && ruling.code === 'TOC_ITEM_TIME';
}

describe('validity', () => {
  it.each([
    ['tvec', LONGEST_VALIDITY_BY_HARM.tvec],
    ['tvec/recruitment', LONGEST_VALIDITY_BY_HARM.tvec],
    ['csea', LONGEST_VALIDITY_BY_HARM.csea],
    ['csea/grooming', LONGEST_VALIDITY_BY_HARM.csea],
  ])('of %s is at most %d days', (harm, days) => {
    expect(isRejected(harm, 1)).toBe(false);
    expect(isRejected(harm, days)).toBe(false);
    expect(isRejected(harm, days + 3)).toBe(true);
  });
});
