import { setTimeout as sleep } from 'node:timers/promises';
import type { ExchangeApi } from '../call-exchange/exchange-api.js';
import { isAtRest, type Story } from './story-lines.js';

const LOOK_MS = 500;

/** Looks at a submission until nothing more happens by itself. */
export async function followSubmission(api: ExchangeApi, id: string, onChange: (story: Story) => void): Promise<Story> {
  for (let read = -1; ;) {
    const story = await api.intake<Story>('GET', `/v1/submissions/${encodeURIComponent(id)}`);
    if (isAtRest(story)) return story;
    if (story.counts?.read !== read) onChange(story);
    read = story.counts?.read ?? -1;
    await sleep(LOOK_MS);
  }
}
