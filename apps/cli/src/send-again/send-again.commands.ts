import { columns } from '../call-exchange/answer-printer.js';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { namedSubscription } from '../tend-platforms/named-subscription.js';

interface Attempt {
  id: string;
  channel: string;
  at: string;
  walk: string;
  records: number;
  outcome: string;
  status: number | null;
  duration_ms: number;
  next_try_at: string | null;
}

interface Recovery {
  channel: string;
  walk: string;
  from_position: string;
  until_position: string;
}

const SUBSCRIPTION = 'its id, or the name or id of a platform that has one subscription';

/** `tocsin attempts`, `tocsin resend`, `tocsin recover`: for a platform’s admin and for operators. */
export function addSendAgain({ program, api, printer }: Tool): void {
  const path = async (word: string, part: string): Promise<string> =>
    `/v1/subscriptions/${encodeURIComponent(await namedSubscription(api, word))}/${part}`;

  program
    .command('attempts')
    .description('what was tried to be sent, newest first')
    .argument('<subscription>', SUBSCRIPTION)
    .option('--before <attempt>', 'only those before this one')
    .option('--limit <number>', 'at most so many', '20')
    .action((word: string, query: { before?: string; limit: string }) =>
      printer.guard(async () => {
        const answer = await api.console<{ attempts: Attempt[]; next: string | null }>(
          'GET',
          await path(word, 'attempts'),
          { query },
        );
        const rows = answer.attempts.map((one) => [
          ...[one.id, one.at, one.channel, one.walk, `${one.records} records`],
          `${one.outcome}${one.status === null ? '' : ` (${one.status})`}`,
          `${one.duration_ms} ms`,
          one.next_try_at === null ? '' : `next ${one.next_try_at}`,
        ]);
        printer.answer(answer, [
          ...(rows.length > 0 ? columns(rows) : ['nothing was tried']),
          ...(answer.next === null ? [] : [`more: --before ${answer.next}`]),
        ]);
      }),
    );
  program
    .command('resend')
    .description('send rows, or those of one attempt, once more as they are now')
    .argument('<subscription>', SUBSCRIPTION)
    .option('--attempt <id>', 'all rows of this attempt')
    .option('--channel <id>', 'with --rows')
    .option('--rows <ids>', 'ids of rows, separated by commas')
    .action((word: string, given: { attempt?: string; channel?: string; rows?: string }) =>
      printer.guard(async () => {
        if ((given.attempt === undefined) !== (given.channel !== undefined && given.rows !== undefined))
          throw new Refusal({ status: 0, detail: 'Say --attempt, or --channel with --rows.' });
        const json = { attempt: given.attempt, channel: given.channel, rows: given.rows?.split(',') };
        const answer = await api.console<{ rows: number }>('POST', await path(word, 'resend'), { json });
        printer.answer(answer, [`${answer.rows} rows are sent once more`]);
      }),
    );
  program
    .command('recover')
    .description('walk channels once more, withdrawals first, from a moment or a position on')
    .argument('<subscription>', SUBSCRIPTION)
    .option('--since <moment>', 'of RFC 3339')
    .option('--position <number>', 'what is beyond it, with --channel')
    .option('--channel <id>', 'this channel alone')
    .action((word: string, json: { since?: string; position?: string; channel?: string }) =>
      printer.guard(async () => {
        const answer = await api.console<{ recoveries: Recovery[] }>('POST', await path(word, 'recovery'), { json });
        const lines = answer.recoveries.map(
          ({ channel, walk, from_position, until_position }) =>
            `${channel}: ${walk} after position ${from_position} up to ${until_position}`,
        );
        printer.answer(answer, lines.length > 0 ? lines : ['nothing was sent since']);
      }),
    );
}
