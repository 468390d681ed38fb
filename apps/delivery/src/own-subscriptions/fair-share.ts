/** What to give away and how many more to take, so that every process owns about the same number. */
export function fairShare(
  owned: readonly string[],
  wanted: ReadonlySet<string>,
  processes: number,
): { release: string[]; room: number } {
  const share = Math.ceil(wanted.size / processes);
  const useless = owned.filter((id) => !wanted.has(id));
  const useful = owned.filter((id) => wanted.has(id));
  return { release: [...useless, ...useful.slice(share)], room: Math.max(0, share - useful.length) };
}
