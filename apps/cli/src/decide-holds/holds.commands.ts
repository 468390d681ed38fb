import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface Hold {
  id: string;
  /** Told to its own agency and to operators. */
  submission_id?: string;
  reason: string;
  rule: string;
  releasable: boolean;
  opened_at: string;
  state: string;
  /** Somebody else's, about signals of which one wants to be asked first. */
  ask?: { agency: string; contact: { name: string; email?: string; phone?: string }; due_at: string };
}

/** Who asks, whom to call, and until when. */
function askLines({ id, ask }: Hold): string[] {
  if (!ask) return [];
  const { name, phone, email } = ask.contact;
  const contact = [name, phone, email].filter((word) => word !== undefined).join(', ');
  return [`  ${id}: ${ask.agency} asks about your signals; call ${contact}; goes on by itself at ${ask.due_at}`];
}

/** `tocsin holds list|release|refuse`. Operators say `--operator`: their holds are at the console. */
export function addHolds({ program, api, printer }: Tool): void {
  const holds = program.command('holds').description('what waits for a person');
  const side = (operator?: boolean) => (operator ? api.console.bind(api) : api.intake.bind(api));
  holds
    .command('list')
    .description('what waits; what is to be completed: tocsin complete SUBMISSION')
    .option('--operator', 'as an operator')
    .action(({ operator }: { operator?: boolean }) =>
      printer.guard(async () => {
        const answer = await side(operator)<{ holds: Hold[] }>('GET', '/v1/holds');
        const rows = answer.holds.map(({ id, submission_id, reason, rule, releasable, opened_at, ask }) => [
          id,
          reason,
          rule,
          ask ? 'yours to answer' : releasable ? 'releasable' : 'to be completed',
          opened_at,
          submission_id ?? '',
        ]);
        const asked = answer.holds.flatMap(askLines);
        printer.answer(answer, rows.length > 0 ? [...columns(rows), ...asked] : ['nothing waits']);
      }),
    );
  for (const [name, path, what] of [
    ['release', 'release', 'let a hold go; never one’s own submission'],
    ['refuse', 'refusal', 'decide against it'],
  ] as const) {
    holds
      .command(`${name} <hold>`)
      .description(what)
      .requiredOption('--reason <words>', 'why')
      .option('--operator', 'as an operator')
      .action((id: string, { reason, operator }: { reason: string; operator?: boolean }) =>
        printer.guard(async () => {
          const hold = await side(operator)<Hold>('POST', `/v1/holds/${encodeURIComponent(id)}/${path}`, {
            json: { reason },
          });
          printer.answer(hold, [`${hold.id}  ${hold.state}`]);
        }),
      );
  }
}
