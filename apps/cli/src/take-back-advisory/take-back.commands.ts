import { RETRACTION_REASONS } from '#libs/domain';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { proposalLines, type Proposal } from '../decide-together/decide-together.commands.js';
import { followToAnswer } from '../follow-submission/follow-submission.js';
import { allParameters, uploadOf, uploadProgress } from '../submit-files/document-upload.js';
import { idempotencyKeyOf, withIdempotencyKey } from '../submit-files/idempotency-key.js';
import { withStatementOptions } from '../submit-files/statement-options.js';

interface RetractOptions extends Record<string, unknown> {
  reason: string;
  signal?: string[];
  channel?: string[];
  propose?: string;
}

function readSignal(text: string): { type: string; value: string } {
  const at = text.indexOf('=');
  if (at < 1) throw new Refusal({ status: 0, detail: 'A signal is written as type=value.' });
  return { type: text.slice(0, at), value: text.slice(at + 1) };
}

async function propose({ api, printer }: Tool, advisory: string, { reason, ...given }: RetractOptions): Promise<void> {
  if (given.signal ?? given.channel ?? given.idempotencyKey)
    throw new Refusal({ status: 0, detail: 'Operators take an advisory back whole, and once.' });
  const json = { action: 'retract', subject: { advisory, reason }, reason: given.propose };
  const proposal = await api.console<Proposal>('POST', '/v1/proposals', { json });
  printer.answer(proposal, proposalLines(proposal));
}

/** `tocsin retract` and `tocsin revise`. */
export function addTakeBack(tool: Tool): void {
  const { program, api, printer } = tool;
  const retract = program
    .command('retract <advisory>')
    .description('take an advisory back, whole or in part; two operators may do it for its agency')
    .requiredOption('--reason <word>', Object.keys(RETRACTION_REASONS).join(', '))
    .option('--signal <type=value...>', 'only these signals')
    .option('--channel <id...>', 'only off these channels')
    .option('--propose <words>', 'as an operator, propose it to another, and say why');
  withIdempotencyKey(retract).action((advisory: string, given: RetractOptions) =>
    printer.guard(async () => {
      if (given.propose !== undefined) return propose(tool, advisory, given);
      const json = { reason: given.reason, signals: given.signal?.map(readSignal), channels: given.channel };
      const path = `/v1/advisories/${encodeURIComponent(advisory)}/retractions`;
      const receipt = await api.intake<{ id: string }>('POST', path, { json, headers: idempotencyKeyOf(given) });
      printer.progress(`${advisory}: retraction accepted, receipt ${receipt.id}`);
      await followToAnswer(tool, receipt.id);
    }),
  );
  const revise = program
    .command('revise <advisory> <file>')
    .description('state an advisory anew; what the file no longer says is taken back');
  withIdempotencyKey(withStatementOptions(revise)).action(
    (advisory: string, file: string, given: Record<string, unknown>) =>
      printer.guard(async () => {
        const upload = await uploadOf(file, await allParameters(given), uploadProgress(printer, file));
        const path = `/v1/advisories/${encodeURIComponent(advisory)}/revisions`;
        const headers = { ...upload.headers, ...idempotencyKeyOf(given) };
        const receipt = await api.intake<{ id: string }>('POST', path, { ...upload, headers });
        printer.progress(`${file}: revision accepted, receipt ${receipt.id}`);
        await followToAnswer(tool, receipt.id);
      }),
  );
}
