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
  const five = ['a', 'b', 'd', 'e', 'f'];

  it('is told in steps where nobody stands out', () => {
    expect(
      restoredShare(
        five.map((platform) => said(platform, 10, 3)),
        { ...GROUPS, b: 'g' },
      ),
    ).toEqual({
      ...{ platforms: 5, restoring_platforms: 5, share_restored: 0.3 },
    });
    expect(
      restoredShare(
        five.map((platform) => said(platform, 100, 51)),
        { ...GROUPS, b: 'g' },
      ),
    ).toMatchObject({
      share_restored: 0.5,
    });
  });

  it('is not told of too few, nor where too few did otherwise, nor where one group is most of it', () => {
    expect(
      restoredShare(
        five.slice(1).map((platform) => said(platform, 10, 3)),
        GROUPS,
      ),
    ).toBeUndefined();
    const one = five.map((platform) => said(platform, 10, platform === 'f' ? 0 : 3));
    expect(restoredShare(one, GROUPS)).toEqual({ platforms: 5 });
    const most = five.map((platform) => said(platform, platform === 'f' ? 90 : 10, 5));
    expect(restoredShare(most, GROUPS)).toEqual({ platforms: 5, restoring_platforms: 5 });
    const none = five.map((platform) => said(platform, 10, 0));
    expect(restoredShare(none, { ...GROUPS, b: 'g' })).toEqual({
      platforms: 5,
      restoring_platforms: 0,
      share_restored: 0,
    });
  });
});
