/** Neighbouring positions, both ends included. */
export interface PositionRange {
  from: bigint;
  to: bigint;
}

/** Merges ascending positions into ranges without gaps. */
export function positionRanges(positions: readonly bigint[]): PositionRange[] {
  const ranges: PositionRange[] = [];
  for (const position of positions) {
    const last = ranges.at(-1);
    if (last && position === last.to + 1n) last.to = position;
    else ranges.push({ from: position, to: position });
  }
  return ranges;
}
