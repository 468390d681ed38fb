import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface Dispute {
  id: string;
  reason: string;
  state: string;
  /** Whether one's own agency asserts the row. */
  own: boolean;
  signal?: { type: string; value?: string };
  harms: string[];
  due_at: string;
  overdue: boolean;
}

/** `tocsin disputes list|uphold|dismiss`. Operators say `--operator`. */
export function addDisputes({ program, api, printer }: Tool): void {
  const disputes = program.command('disputes').description('what platforms say is wrong');
  const side = (operator?: boolean) => (operator ? api.console.bind(api) : api.intake.bind(api));
  disputes
    .command('list')
    .description('open disputes that you may see, the most pressing first')
    .option('--operator', 'as an operator')
    .action(({ operator }: { operator?: boolean }) =>
      printer.guard(async () => {
        const answer = await side(operator)<{ disputes: Dispute[] }>('GET', '/v1/disputes');
        const rows = answer.disputes.map(({ id, reason, own, signal, harms, due_at, overdue }) => [
          ...[id, reason, overdue ? `overdue since ${due_at}` : `due ${due_at}`, own ? 'your agency’s' : ''],
          ...[harms.join(' '), signal ? `${signal.type} ${signal.value ?? '(not shown)'}` : ''],
        ]);
        printer.answer(answer, rows.length > 0 ? columns(rows) : ['nothing is disputed']);
      }),
    );
  for (const [name, path, what] of [
    ['uphold', 'uphold', 'the platforms are right: a lowered ceiling stays lowered'],
    ['dismiss', 'dismissal', 'the row is right: the ceiling goes back; never one’s own agency’s of public interest'],
  ] as const) {
    disputes
      .command(`${name} <dispute>`)
      .description(what)
      .requiredOption('--sentence <words>', 'why, for the platforms that raised it')
      .option('--operator', 'as an operator')
      .action((id: string, { sentence, operator }: { sentence: string; operator?: boolean }) =>
        printer.guard(async () => {
          const dispute = await side(operator)<Dispute>('POST', `/v1/disputes/${encodeURIComponent(id)}/${path}`, {
            json: { sentence },
          });
          printer.answer(dispute, [`${dispute.id}  ${dispute.state}`]);
        }),
      );
  }
}
