import { RETRACTION_REASONS } from '#libs/domain';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { followSubmission } from '../follow-submission/follow-submission.js';
import { storyLines } from '../follow-submission/story-lines.js';
import { allParameters, uploadOf } from '../submit-files/document-upload.js';
import { withStatementOptions } from '../submit-files/statement-options.js';

function readSignal(text: string): { type: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new Refusal({ status: 0, detail: 'A signal is written as type=value.' });
  return { type: text.slice(0, at), value: text.slice(at + 1) };
}

/** `tocsin retract` and `tocsin revise`. */
export function addTakeBack({ program, api, printer }: Tool): void {
  program
    .command('retract <advisory>')
    .description('take an advisory back, whole or in part')
    .requiredOption('--reason <word>', Object.keys(RETRACTION_REASONS).join(', '))
    .option('--signal <type=value...>', 'only these signals')
    .option('--channel <id...>', 'only off these channels')
    .action((advisory: string, given: { reason: string; signal?: string[]; channel?: string[] }) =>
      printer.guard(async () => {
        const json = { reason: given.reason, signals: given.signal?.map(readSignal), channels: given.channel };
        const receipt = await api.intake<{ id: string }>(
          'POST',
          `/v1/advisories/${encodeURIComponent(advisory)}/retractions`,
          { json },
        );
        const story = await followSubmission(api, receipt.id, () => undefined);
        printer.answer(story, storyLines(story));
      }),
    );
  withStatementOptions(
    program
      .command('revise <advisory> <file>')
      .description('state an advisory anew; what the file no longer says is taken back'),
  ).action((advisory: string, file: string, given: Record<string, unknown>) =>
    printer.guard(async () => {
      const upload = await uploadOf(file, await allParameters(given), () => undefined);
      const receipt = await api.intake<{ id: string }>(
        'POST',
        `/v1/advisories/${encodeURIComponent(advisory)}/revisions`,
        upload,
      );
      const story = await followSubmission(api, receipt.id, () => undefined);
      printer.answer(story, storyLines(story));
    }),
  );
}
