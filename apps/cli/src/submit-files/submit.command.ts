import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { failsIfRefused, followSubmission } from '../follow-submission/follow-submission.js';
import { storyLines, type Story } from '../follow-submission/story-lines.js';
import { idempotencyKeyOf, withIdempotencyKey } from './idempotency-key.js';
import { allParameters, statementIn, uploadOf, uploadProgress } from './document-upload.js';
import { withStatementOptions } from './statement-options.js';

interface Receipt {
  id: string;
  format: string;
  state: string;
}

/** `tocsin submit FILE…`. */
export function addSubmit({ program, api, printer }: Tool): void {
  const command = program.command('submit <files...>').description('submit documents; each is one submission');
  withIdempotencyKey(withStatementOptions(command))
    .option('--no-follow', 'do not wait for what becomes of them')
    .action((files: string[], given: Record<string, unknown>) =>
      printer.guard(async () => {
        if (files.length > 1 && given.idempotencyKey !== undefined)
          throw new Refusal({ status: 0, detail: 'An idempotency key is for one file.' });
        const parameters = await allParameters(given);
        const stories: (Story | Receipt)[] = [];
        for (const file of files) {
          const all = { ...(await statementIn(file)), ...parameters };
          const upload = await uploadOf(file, all, uploadProgress(printer, file));
          const receipt = await api.intake<Receipt>('POST', '/v1/submissions', {
            ...upload,
            headers: { ...upload.headers, ...idempotencyKeyOf(given) },
          });
          printer.progress(`${file}: accepted as ${receipt.format}, receipt ${receipt.id}`);
          stories.push(given.follow === false ? receipt : await followSubmission({ api, printer }, receipt.id));
        }
        printer.answer(
          files.length === 1 ? stories[0] : { submissions: stories },
          stories.flatMap((story) => ('counts' in story ? storyLines(story) : [`${story.id}  ${story.state}`])),
        );
        failsIfRefused(stories);
      }),
    );
}
