import { enoughPlatforms, restoredShare } from './withhold-platforms.js';

const GROUPS = { a: 'group/x', b: 'group/x', c: 'group/x', d: 'group/y', e: 'group/z', f: 'platform/f' };
const said = (platform: string, rows: number, restored: number) => ({ platform, rows, restored });

describe('counts of platforms', () => {
  it('are enough from five platforms of three groups', () => {
    expect(enoughPlatforms(['a', 'b', 'c', 'd', 'e'], GROUPS)).toBe(true);
    expect(enoughPlatforms(['a', 'b', 'd', 'e', 'e'], GROUPS)).toBe(false);
    expect(enoughPlatforms(['a', 'b', 'c', 'd', 'd'], { ...GROUPS, e: 'group/x' })).toBe(false);
    // One that no directory knows any more stands for itself.
    expect(enoughPlatforms(['a', 'b', 'c', 'd', 'gone'], GROUPS)).toBe(true);
  });
});

describe('the share of what was restored', () => {
  const ten = Array.from({ length: 10 }, (_, index) => `p${index}`);
  /** The first five of these restored so much, the others nothing. */
  const half = (rows: number, restored: number) =>
    ten.map((platform, index) => said(platform, rows, index < 5 ? restored : 0));

  it('is told in steps where nobody stands out', () => {
    expect(restoredShare(half(10, 6), {})).toEqual({ platforms: 10, restoring_platforms: 5, share_restored: 0.3 });
    expect(restoredShare(half(100, 97), {})).toMatchObject({ share_restored: 0.5 });
  });

  it('is not told of too few, nor of all or none, nor where one group is most of it', () => {
    expect(restoredShare(half(10, 6).slice(0, 4), {})).toBeUndefined();
    expect(restoredShare(half(10, 6).slice(0, 9), {})).toEqual({ platforms: 9 });
    expect(restoredShare(half(10, 6).slice(0, 5), {})).toEqual({ platforms: 5 });
    expect(restoredShare(half(10, 6).slice(5), {})).toEqual({ platforms: 5 });
    const most = half(10, 5).map((one, index) => (index === 9 ? { ...one, rows: 90 } : one));
    expect(restoredShare(most, {})).toEqual({ platforms: 10, restoring_platforms: 5 });
    const oneGroup = { p0: 'group/x', p1: 'group/x' };
    expect(restoredShare(half(10, 5), oneGroup)).toEqual({ platforms: 10, restoring_platforms: 5 });
  });
});
