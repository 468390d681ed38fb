import type { Tool } from '../call-exchange/tool.js';
import { reachLines, type RetractionReach } from './retraction-reach.js';

interface Reach {
  version: number;
  live: boolean;
  told: number;
  disclosed: number;
  sent: number;
  fetched: number;
  confirmed: number;
  outcomes: Record<string, number>;
  unconfirmed: { platform_id: string; stage: string }[];
}

/** `tocsin reach CHANNEL ROW`, for operators. */
export function addReach({ program, api, printer }: Tool): void {
  program
    .command('reach <channel> <row>')
    .description('how far a row, or its withdrawal, has come (operators)')
    .action((channel: string, row: string) =>
      printer.guard(async () => {
        const reach = await api.console<Reach>('GET', `/v1/rows/${encodeURIComponent(row)}/reach`, {
          query: { channel },
        });
        const { told, disclosed, sent, fetched, confirmed, outcomes } = reach;
        const words = Object.entries(outcomes).map(([outcome, platforms]) => `${platforms} ${outcome}`);
        printer.answer(reach, [
          `version ${reach.version}, ${reach.live ? 'live' : 'withdrawn'}`,
          `${disclosed} of ${told} platforms disclosed, ${sent} sent, ${fetched} fetched`,
          `${confirmed} of ${told} confirmed${words.length > 0 ? `: ${words.join(', ')}` : ''}`,
          ...reach.unconfirmed.map(({ platform_id, stage }) => `  waits for ${platform_id} (${stage})`),
        ]);
      }),
    );
}

interface Overdue {
  overdue: {
    retraction_id: string;
    platform: string;
    channel: string;
    due_at: string;
    rows: number;
    told: boolean;
    desks: { name?: string; phone?: string; email?: string }[];
  }[];
  next?: string;
}

interface Given {
  submission?: string;
  advisory?: string;
  retraction?: string;
  proposal?: string;
  overdue?: true;
  after?: string;
}

/** `tocsin retractions`: how far what was taken back has come. */
export function addRetractions({ program, api, printer }: Tool): void {
  program
    .command('retractions')
    .description('how far what was taken back has come: told, confirmed, overdue')
    .option('--submission <id>', 'of what this submission took back (agencies)')
    .option('--advisory <id>', 'list what was taken back of this advisory (agencies)')
    .option('--retraction <id>', 'with the words of platforms (operators)')
    .option('--proposal <id>', 'list what was taken back by a proposal (operators)')
    .option('--overdue', 'whom to ring (operators)')
    .option('--after <place>', 'the next page')
    .action(({ submission, advisory, retraction, proposal, overdue, after }: Given) =>
      printer.guard(async () => {
        if (overdue) {
          const late = await api.console<Overdue>('GET', '/v1/retractions/overdue', { query: { after } });
          printer.answer(late, late.overdue.map(overdueLine));
        } else if (advisory ?? proposal) {
          const list = advisory
            ? await api.intake<Listed>('GET', `/v1/advisories/${encodeURIComponent(advisory)}/retractions`, {
                query: { before: after },
              })
            : await api.console<Listed>('GET', '/v1/retractions', { query: { proposal, before: after } });
          printer.answer(list, list.retractions.map(listedLine));
        } else {
          if (!submission && !retraction) program.error('say of which: see tocsin retractions --help');
          const query = { after };
          const reach = submission
            ? await api.intake<RetractionReach>('GET', `/v1/submissions/${encodeURIComponent(submission)}/reach`, {
                query,
              })
            : await api.console<RetractionReach>(
                'GET',
                `/v1/retractions/${encodeURIComponent(retraction ?? '')}/reach`,
                {
                  query,
                },
              );
          printer.answer(reach, reachLines(reach));
        }
      }),
    );
}

interface Listed {
  retractions: { retraction_id: string; reasons: string[]; began_at: string; rows: number }[];
  next?: string;
}

function listedLine({ retraction_id, reasons, began_at, rows }: Listed['retractions'][number]): string {
  return `${retraction_id}  ${began_at}  ${rows} rows  ${reasons.join(', ')}`;
}

function overdueLine({
  platform,
  channel,
  rows,
  due_at,
  told,
  desks,
  retraction_id,
}: Overdue['overdue'][number]): string {
  const ring = desks.map(({ name, phone, email }) => [name, phone, email].filter(Boolean).join(' ')).join('; ');
  return `ring ${platform}: ${rows} rows on ${channel} since ${due_at} (${told ? 'told' : 'not told'}), retraction ${retraction_id}; ${ring || 'no desk is known'}`;
}
