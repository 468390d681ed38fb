import { setTimeout as sleep } from 'node:timers/promises';
import type { Tool } from '../call-exchange/tool.js';
import { isAtRest, storyLines, type Story } from './story-lines.js';

const LOOK_MS = 500;

/** Looks at a submission until nothing more happens by itself, and tells how far it is. */
export async function followSubmission({ api, printer }: Pick<Tool, 'api' | 'printer'>, id: string): Promise<Story> {
  for (let read = -1; ;) {
    const story = await api.intake<Story>('GET', `/v1/submissions/${encodeURIComponent(id)}`);
    if (isAtRest(story)) return story;
    if (story.counts?.read !== read) printer.progress(`  ${story.state}: ${story.counts?.read ?? 0} items read`);
    read = story.counts?.read ?? -1;
    await sleep(LOOK_MS);
  }
}

/** Follows a submission just made or completed, and answers with its story. */
export async function followToAnswer(tool: Pick<Tool, 'api' | 'printer'>, id: string): Promise<void> {
  const story = await followSubmission(tool, id);
  tool.printer.answer(story, storyLines(story));
  failsIfRefused([story]);
}

/** Sets the exit status 1 when a submission was refused or failed. */
export function failsIfRefused(stories: readonly { state: string }[]): void {
  if (stories.some(({ state }) => state === 'refused' || state === 'failed')) process.exitCode = 1;
}
