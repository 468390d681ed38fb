import type { Tool } from '../call-exchange/tool.js';
import { followToAnswer } from './follow-submission.js';
import { storyLines, type Story } from './story-lines.js';

/** `tocsin status [ID]`. */
export function addStatus({ program, api, printer }: Tool): void {
  program
    .command('status [submission]')
    .description('tell the story of a submission, or list your agency’s latest')
    .option('--follow', 'wait until nothing more happens by itself; status 1 when it was refused or failed')
    .action((id: string | undefined, { follow }: { follow?: boolean }) =>
      printer.guard(async () => {
        if (id === undefined) {
          const { submissions } = await api.intake<{ submissions: Story[] }>('GET', '/v1/submissions');
          return printer.answer(
            { submissions },
            submissions.flatMap((story) => storyLines(story)),
          );
        }
        if (follow) return followToAnswer({ api, printer }, id);
        const story = await api.intake<Story>('GET', `/v1/submissions/${encodeURIComponent(id)}`);
        printer.answer(story, storyLines(story));
      }),
    );
}
