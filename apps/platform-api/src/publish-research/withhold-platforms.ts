import { LEAST_GROUPS, LEAST_PLATFORMS } from '#libs/domain';

/** The corporate group of each platform by its id, as recorded at one moment. */
export type Groups = Readonly<Record<string, string>>;

/** Whether enough platforms, of enough corporate groups, are behind a count for it to be shown. */
export function enoughPlatforms(platforms: Iterable<string>, groups: Groups): boolean {
  const all = new Set(platforms);
  const of = new Set([...all].map((platform) => groups[platform] ?? `platform/${platform}`));
  return all.size >= LEAST_PLATFORMS && of.size >= LEAST_GROUPS;
}

/** Withdrawn rows about which a platform said what it did, and how many of them it restored. */
export interface PlatformRestored {
  platform: string;
  rows: number;
  restored: number;
}

/** How platforms restored what they had done because of rows that were withdrawn. */
export interface Restored {
  /** Platforms that said what they did. */
  platforms: number;
  /** Those that restored something. Absent where they, or the others, are too few: of all, or of none, each would be known. */
  restoring_platforms?: number;
  /** Of the rows, in steps of 0.05. Absent where one corporate group has more than a third of what is counted. */
  share_restored?: number;
}

const STEP = 0.05;
/** The largest share of one in a count that is shown. */
export const MOST_OF_ONE = 1 / 3;

function sums(said: readonly PlatformRestored[], groups: Groups, of: 'rows' | 'restored'): number[] {
  const byGroup = Map.groupBy(said, ({ platform }) => groups[platform] ?? `platform/${platform}`);
  return [...byGroup.values()].map((members) => members.reduce((sum, member) => sum + member[of], 0));
}

function isDominated(counts: readonly number[]): boolean {
  const sum = counts.reduce((a, b) => a + b, 0);
  return Math.max(...counts) > sum * MOST_OF_ONE;
}

/** @returns undefined where too few platforms said anything */
export function restoredShare(said: readonly PlatformRestored[], groups: Groups): Restored | undefined {
  const all = said.map(({ platform }) => platform);
  if (!enoughPlatforms(all, groups)) return undefined;
  const restoring = said.filter(({ restored }) => restored > 0);
  const others = said.filter(({ restored }) => restored === 0);
  const bothEnough = [restoring, others].every((part) =>
    enoughPlatforms(
      part.map(({ platform }) => platform),
      groups,
    ),
  );
  if (!bothEnough) return { platforms: said.length };
  const rows = sums(said, groups, 'rows');
  const restored = sums(said, groups, 'restored');
  const dominated = isDominated(rows) || isDominated(restored);
  const share = restored.reduce((a, b) => a + b, 0) / rows.reduce((a, b) => a + b, 0);
  return {
    ...{ platforms: said.length, restoring_platforms: restoring.length },
    ...(dominated ? {} : { share_restored: Math.round(Math.round(share / STEP) * STEP * 100) / 100 }),
  };
}
