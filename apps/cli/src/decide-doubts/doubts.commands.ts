import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface Doubt {
  id: string;
  reason: string;
  due_at: string;
  overdue: boolean;
  state: string;
  signals_total: number;
  advisories: string[];
}

/** `tocsin doubts list|stand-by|retract`: what the agency asserts and another took back as an error. */
export function addDoubts({ program, api, printer }: Tool): void {
  const doubts = program.command('doubts').description('what you assert and another agency took back as an error');
  doubts
    .command('list')
    .description('cases that wait for you; until then what you said counts as review at most')
    .action(() =>
      printer.guard(async () => {
        const answer = await api.intake<{ doubts: Doubt[] }>('GET', '/v1/doubts');
        const rows = answer.doubts.map(({ id, reason, signals_total, due_at, overdue, advisories }) => [
          id,
          reason,
          `${signals_total} signals`,
          overdue ? `since ${due_at} overdue, stays lowered` : `until ${due_at}`,
          advisories.join(', '),
        ]);
        printer.answer(answer, rows.length > 0 ? columns(rows) : ['nothing waits']);
      }),
    );
  for (const [name, path, what] of [
    ['stand-by', 'stand-by', 'stand by it, as an approver who did not submit it: the ceilings come back'],
    ['retract', 'retraction', 'take it back too, for the same reason'],
  ] as const) {
    doubts
      .command(`${name} <case>`)
      .description(what)
      .requiredOption('--reason <words>', 'why')
      .action((id: string, { reason }: { reason: string }) =>
        printer.guard(async () => {
          const json = { reason };
          const doubt = await api.intake<Doubt>('POST', `/v1/doubts/${encodeURIComponent(id)}/${path}`, { json });
          printer.answer(doubt, [`${doubt.id}  ${doubt.state}`]);
        }),
      );
  }
}
