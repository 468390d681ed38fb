import { randomUUID } from 'node:crypto';
import type { Tool } from '../call-exchange/tool.js';
import { followSubmission } from '../follow-submission/follow-submission.js';
import { storyLines, type Story } from '../follow-submission/story-lines.js';
import { allParameters, uploadOf } from './document-upload.js';
import { withStatementOptions } from './statement-options.js';

interface Receipt {
  id: string;
  format: string;
  state: string;
}

/** Tells of an upload at most once a second. */
function uploadProgress(printer: Tool['printer'], file: string): (sent: number, size: number) => void {
  let told = Date.now();
  return (sent, size) => {
    if (Date.now() - told < 1000) return;
    told = Date.now();
    printer.progress(`${file}: ${Math.floor((100 * sent) / size)} % sent`);
  };
}

/** `tocsin submit FILE…`. */
export function addSubmit({ program, api, printer }: Tool): void {
  withStatementOptions(program.command('submit <files...>').description('submit documents; each is one submission'))
    .option('--no-follow', 'do not wait for what becomes of them')
    .option('--idempotency-key <word>', 'the same word for the same document gives the same receipt (one file only)')
    .action((files: string[], given: Record<string, unknown>) =>
      printer.guard(async () => {
        const parameters = await allParameters(given);
        const stories: (Story | Receipt)[] = [];
        for (const file of files) {
          const upload = await uploadOf(file, parameters, uploadProgress(printer, file));
          const key =
            typeof given.idempotencyKey === 'string' && files.length === 1 ? given.idempotencyKey : randomUUID();
          const receipt = await api.intake<Receipt>('POST', '/v1/submissions', {
            ...upload,
            headers: { ...upload.headers, 'idempotency-key': key },
          });
          printer.progress(`${file}: accepted as ${receipt.format}, receipt ${receipt.id}`);
          stories.push(
            given.follow === false
              ? receipt
              : await followSubmission(api, receipt.id, ({ state, counts }) =>
                  printer.progress(`  ${state}: ${counts?.read ?? 0} items read`),
                ),
          );
        }
        printer.answer(
          files.length === 1 ? stories[0] : { submissions: stories },
          stories.flatMap((story) => ('counts' in story ? storyLines(story) : [`${story.id}  ${story.state}`])),
        );
        if (stories.some(({ state }) => state === 'refused' || state === 'failed')) process.exitCode = 1;
      }),
    );
}
