import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { followToAnswer } from '../follow-submission/follow-submission.js';
import type { Story } from '../follow-submission/story-lines.js';
import { allParameters } from '../submit-files/document-upload.js';
import { withStatementOptions } from '../submit-files/statement-options.js';

/** `tocsin complete SUBMISSION`. */
export function addComplete({ program, api, printer }: Tool): void {
  withStatementOptions(
    program
      .command('complete <submission>')
      .description('say what a held submission lacks; it is normalised again, and what was released is held again'),
  )
    .option('--without <parameters>', 'parameters to take away, separated by commas')
    .action((submission: string, given: Record<string, unknown>) =>
      printer.guard(async () => {
        const without = typeof given.without === 'string' ? given.without.split(',') : [];
        const taken = Object.fromEntries(without.map((name) => [name.trim().replaceAll('-', '_'), null]));
        const json = { ...taken, ...(await allParameters(given)) };
        if (Object.keys(json).length === 0)
          throw new Refusal({ status: 0, detail: 'Say what the submission lacks, such as --legal-basis.' });
        const { id } = await api.intake<Story>('PATCH', `/v1/submissions/${encodeURIComponent(submission)}`, { json });
        printer.progress(`${id}: completed`);
        await followToAnswer({ api, printer }, id);
      }),
    );
}
