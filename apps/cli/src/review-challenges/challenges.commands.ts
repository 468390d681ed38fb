import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface Challenge {
  id: string;
  reason: string;
  role: string;
  said?: string;
  state: string;
  signal?: { type: string; value?: string };
  harms: string[];
  due_at: string;
  overdue: boolean;
}

/** `tocsin challenges list|uphold|dismiss`. Operators say `--operator`. */
export function addChallenges({ program, api, printer }: Tool): void {
  const challenges = program.command('challenges').description('what people without an account say is wrong');
  const side = (operator?: boolean) => (operator ? api.console.bind(api) : api.intake.bind(api));
  challenges
    .command('list')
    .description('open challenges that you may review, the most pressing first')
    .option('--operator', 'as an operator')
    .action(({ operator }: { operator?: boolean }) =>
      printer.guard(async () => {
        const answer = await side(operator)<{ challenges: Challenge[] }>('GET', '/v1/challenges');
        const rows = answer.challenges.map(({ id, reason, role, said, signal, harms, due_at, overdue }) => [
          ...[id, reason, role, overdue ? `overdue since ${due_at}` : `due ${due_at}`, harms.join(' ')],
          ...[signal ? `${signal.type} ${signal.value ?? '(not shown)'}` : '', said ?? ''],
        ]);
        printer.answer(answer, rows.length > 0 ? columns(rows) : ['nothing is challenged']);
      }),
    );
  for (const [name, path, what] of [
    ['uphold', 'uphold', 'it is worth a dispute: the ceiling is lowered now, and somebody decides'],
    ['dismiss', 'dismissal', 'it is not: nothing changes'],
  ] as const) {
    challenges
      .command(`${name} <challenge>`)
      .description(what)
      .requiredOption('--sentence <words>', 'why')
      .option('--operator', 'as an operator')
      .action((id: string, { sentence, operator }: { sentence: string; operator?: boolean }) =>
        printer.guard(async () => {
          const challenge = await side(operator)<Challenge>(
            'POST',
            `/v1/challenges/${encodeURIComponent(id)}/${path}`,
            {
              json: { sentence },
            },
          );
          printer.answer(challenge, [`${challenge.id}  ${challenge.state}`]);
        }),
      );
  }
}
