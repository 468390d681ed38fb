import { hashUrl, RowIds, type SignalType } from '#libs/domain';
import { asItLeaves } from './as-it-leaves.js';
import type { Assertable } from './decide-statement.js';

const URL_OF_ITEM = 'https://elsewhere.example/1';
const rowIds = new RowIds(Buffer.alloc(32));
const wordsOf = (harm: string, more: Partial<Assertable> = {}): Assertable =>
  ({ statement: { harms: [harm] }, channels: [harm], ...more }) as unknown as Assertable;
const said = (...signals: (Assertable | undefined)[]) => ({ verdict: { verdict: 'assert' as const, signals } });

function itemOf(...signals: [SignalType, string][]) {
  const identified = signals.map(([type, value]) => ({ id: rowIds.ofSignal(type, value), type, value }));
  return { kind: 'candidate' as const, position: 1, signals: identified };
}

describe('an item as it leaves', () => {
  const tvec = wordsOf('tvec');
  const hashed = wordsOf('csea', { asHash: true });

  it('is what it was where nobody speaks of abuse material', () => {
    const item = itemOf(['url', URL_OF_ITEM]);
    const advisories = [said(tvec), said(tvec)];
    expect(asItLeaves(item, advisories, rowIds)).toEqual({ candidate: item, said: advisories });
  });

  it('has its address as a hash, which only the words about abuse material take anywhere', () => {
    const leaving = asItLeaves(itemOf(['url', URL_OF_ITEM]), [said(hashed), said(tvec)], rowIds);
    const value = hashUrl(URL_OF_ITEM);
    expect(leaving.candidate.signals).toEqual([
      { id: rowIds.ofSignal('url-sha256', value), type: 'url-sha256', value },
    ]);
    expect(leaving.said.map(({ verdict }) => verdict.signals)).toEqual([[hashed], [undefined]]);
  });

  it('keeps an address back that the words about abuse material take nowhere; exact hashes go by all words', () => {
    const csea = wordsOf('csea');
    const item = itemOf(['md5', 'd41d8cd98f00b204e9800998ecf8427f'], ['url', URL_OF_ITEM]);
    const leaving = asItLeaves(item, [said(tvec, tvec), said(csea, undefined)], rowIds);
    expect(leaving.candidate).toBe(item);
    expect(leaving.said.map(({ verdict }) => verdict.signals)).toEqual([
      [tvec, undefined],
      [csea, undefined],
    ]);
  });
});
