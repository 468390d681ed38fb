import type { ToldContents } from '#libs/containers';
import { leftOutLines, loweredLines, type LoweredRows } from './lowered-ceilings.js';

/** A submission's story, as the interface tells it. */
export interface Story {
  id: string;
  kind: string;
  format: string;
  state: string;
  counts?: Record<string, number>;
  channels?: string[];
  channels_taken_away?: { channel: string; because: string }[];
  advisories?: { id: string; revision: number; state: string }[];
  holds?: {
    id: string;
    reason: string;
    state: string;
    detail: { missing?: string[]; found?: string[] };
    position?: number;
  }[];
  ceilings_lowered?: LoweredRows[];
  signals_left_out?: Record<string, number>;
  rejected?: { position: number; code: string; detail: string }[];
  rejected_more?: boolean;
  problem?: { code: string; detail: string };
  contents?: ToldContents;
}

const SHOWN = 20;

/** The story in a few lines. */
export function storyLines(story: Story): string[] {
  const { read = 0, ...ends } = story.counts ?? {};
  const counts = Object.entries({ read, ...ends }).filter(([, count]) => count > 0);
  const rejected = story.rejected ?? [];
  return [
    `${story.id}  ${story.state}  ${story.kind}, ${story.format}`,
    ...contentsLines(story.contents),
    ...(counts.length > 0
      ? [`  items: ${counts.map(([end, count]) => `${count} ${endIn(end, story.kind)}`).join(', ')}`]
      : []),
    ...(story.channels?.length ? [`  channels: ${story.channels.join(', ')}`] : []),
    ...(story.channels_taken_away ?? []).map(({ channel, because }) => `  not on ${channel}: ${because}`),
    ...(story.advisories ?? []).map(({ id, revision, state }) => `  advisory ${id}, revision ${revision}, ${state}`),
    ...(story.holds ?? []).map(
      ({ id, reason, state, detail, position }) =>
        `  hold ${id} ${state}: ${reason}${detailWords(detail)}${position === undefined ? '' : ` at ${position}`}`,
    ),
    ...loweredLines(story.ceilings_lowered),
    ...leftOutLines(story.signals_left_out),
    ...rejected.slice(0, SHOWN).map(({ position, code, detail }) => `  rejected at ${position}: ${code}: ${detail}`),
    ...(rejected.length > SHOWN || story.rejected_more ? ['  … more were rejected: --json shows them'] : []),
    ...(story.problem ? [`  ${story.problem.code}: ${story.problem.detail}`] : []),
  ];
}

function detailWords({ missing, found }: { missing?: string[]; found?: string[] }): string {
  const words = missing ?? found ?? [];
  return words.length > 0 ? ` (${words.join(', ')})` : '';
}

/** What was in a container, in a few lines. */
export function contentsLines(contents: ToldContents | undefined): string[] {
  if (!contents) return [];
  const { container, documents, dropped, dropped_more: more = 0 } = contents;
  const unnamed = Math.max(0, dropped.length - SHOWN) + more;
  return [
    `  opened: ${container}`,
    ...documents
      .slice(0, SHOWN)
      .map(({ name, format, positions: { from, to } }) => `    ${name}: ${format}, positions ${from} to ${to}`),
    ...(documents.length > SHOWN ? [`    … and ${documents.length - SHOWN} more: --json shows them`] : []),
    ...dropped
      .slice(0, SHOWN)
      .map(({ name, kind, bytes, sha256 }) => `    dropped: ${name} (${kind}, ${bytes} bytes, SHA-256 ${sha256})`),
    ...(unnamed > 0 ? [`    … and ${unnamed} more were dropped`] : []),
  ];
}

/** How an end is called: what a retraction asserts is that something is taken back. */
function endIn(end: string, kind: string): string {
  return kind === 'retraction' && end === 'asserted' ? 'taken back' : end.replace('_', '-');
}

/** Whether nothing more will happen without a person. */
export function isAtRest({ state }: Story): boolean {
  return ['settled', 'held', 'refused', 'failed'].includes(state);
}
