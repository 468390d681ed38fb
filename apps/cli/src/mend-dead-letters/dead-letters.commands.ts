import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface DeadLetter {
  id: string;
  source: string;
  position: string;
  code: string;
  detail: string;
  at: string;
  replayed_at?: string;
}

/** `tocsin dead-letters list|show|replay` (operators). */
export function addDeadLetters({ program, api, printer }: Tool): void {
  const letters = program
    .command('dead-letters')
    .description('messages, items and submissions that could not be worked on; replay tries again');
  const row = ({ id, source, position, code, at, replayed_at }: DeadLetter): string[] => [
    id,
    source,
    position,
    code,
    at,
    replayed_at ? 'replayed' : '',
  ];
  letters.command('list').action(() =>
    printer.guard(async () => {
      const answer = await api.console<{ dead_letters: DeadLetter[]; unavailable: string[] }>(
        'GET',
        '/v1/dead-letters',
      );
      printer.answer(answer, [
        ...(answer.dead_letters.length > 0 ? columns(answer.dead_letters.map(row)) : ['none']),
        ...answer.unavailable.map((service) => `${service} does not answer: its dead letters are not among these`),
      ]);
    }),
  );
  letters.command('show <id>').action((id: string) =>
    printer.guard(async () => {
      const letter = await api.console<DeadLetter>('GET', `/v1/dead-letters/${encodeURIComponent(id)}`);
      printer.answer(letter, [row(letter).join('  '), `  ${letter.detail}`]);
    }),
  );
  letters.command('replay <id>').action((id: string) =>
    printer.guard(async () => {
      const letter = await api.console<DeadLetter>('POST', `/v1/dead-letters/${encodeURIComponent(id)}/replay`, {
        json: {},
      });
      printer.answer(letter, [row(letter).join('  ')]);
    }),
  );
}
