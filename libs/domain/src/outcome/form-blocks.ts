/** Fewest platforms, and fewest corporate groups of theirs, that a total is of. */
export const LEAST_PLATFORMS = 5;
export const LEAST_GROUPS = 3;

/** What one platform answered about one row in one cell, and for which advisories it counts. */
export interface OpenAnswer {
  platformId: string;
  /** Its corporate group; a platform without one is a group of its own. */
  group: string;
  /** Advisories whose word stood when it was given. */
  advisories: readonly string[];
}

/** Answers that are published together or not at all. */
export interface Block {
  platformIds: string[];
  /** Advisories whose word stood when each of the answers was given: they see the block, and no others do. */
  advisories: string[];
}

function isEnough(answers: readonly OpenAnswer[]): boolean {
  return (
    new Set(answers.map(({ platformId }) => platformId)).size >= LEAST_PLATFORMS &&
    new Set(answers.map(({ group }) => group)).size >= LEAST_GROUPS
  );
}

/**
 * Forms blocks from the open answers about one row, channel and cell. Blocks share no answer, and each is of at least
 * {@link LEAST_PLATFORMS} platforms of {@link LEAST_GROUPS} groups, so that whatever is added up or subtracted of them is
 * of no fewer. The advisory with the fewest answers comes first: its block is seen by those with more as well.
 * @param open one answer for each platform
 */
export function formBlocks(open: readonly OpenAnswer[]): Block[] {
  const blocks: Block[] = [];
  let left = [...open];
  for (;;) {
    const candidates = [...new Set(left.flatMap(({ advisories }) => advisories))]
      .map((advisory) => ({ advisory, answers: left.filter(({ advisories }) => advisories.includes(advisory)) }))
      .filter(({ answers }) => isEnough(answers))
      .sort((a, b) => a.answers.length - b.answers.length || (a.advisory < b.advisory ? -1 : 1));
    const [first] = candidates;
    if (!first) return blocks;
    const { answers } = first;
    blocks.push({
      platformIds: answers.map(({ platformId }) => platformId).sort(),
      advisories: candidates
        .map(({ advisory }) => advisory)
        .filter((advisory) => answers.every(({ advisories }) => advisories.includes(advisory)))
        .sort(),
    });
    left = left.filter((answer) => !answers.includes(answer));
  }
}
