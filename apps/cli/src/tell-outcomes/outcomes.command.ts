import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface Outcomes {
  least: { platforms: number; corporate_groups: number };
  periods: { from: string; until: string; totals: { cell: string; rows: number; answers: number }[] }[];
  more: boolean;
  named: { name: string; cell: string; rows: number; count?: number }[];
}

interface Report {
  id: string;
  day: string;
  harm: string;
  feature: string;
  technique: string;
  scale: string;
  trend: string;
  text?: string;
  platform?: string;
}

function outcomeLines({ least, periods, more, named }: Outcomes): string[] {
  const bound = `at least ${least.platforms} platforms of ${least.corporate_groups} corporate groups`;
  if (periods.length + named.length === 0)
    return [`no totals yet: each is of ${bound}, and told when its week has ended`];
  return [
    ...periods.flatMap(({ from, totals }) => [
      `week of ${from.slice(0, 10)}`,
      ...columns(totals.map(({ cell, rows, answers }) => [`  ${cell}`, `${answers} answers`, `on ${rows} rows`])),
    ]),
    ...(more ? [`earlier weeks: --before ${periods.at(-1)?.from.slice(0, 10)}`] : []),
    ...(periods.length > 0 ? [`Each row is counted with ${bound}.`] : []),
    ...columns(
      named.map(({ name, cell, rows, count }) => [
        `${name}  ${cell}`,
        `on ${rows} rows`,
        count === undefined ? '' : `${count} times`,
      ]),
    ),
  ];
}

/** `tocsin outcomes ADVISORY` and `tocsin reports`, for agencies. */
export function addOutcomes({ program, api, printer }: Tool): void {
  program
    .command('outcomes <advisory>')
    .description('what platforms answered to an advisory of yours, in totals')
    .option('--before <date>', 'weeks that begin before a date')
    .action((advisory: string, { before }: { before?: string }) =>
      printer.guard(async () => {
        const outcomes = await api.intake<Outcomes>('GET', `/v1/advisories/${encodeURIComponent(advisory)}/outcomes`, {
          query: { before },
        });
        printer.answer(outcomes, outcomeLines(outcomes));
      }),
    );
  program
    .command('reports')
    .description('how platforms say that their services are abused, a page at a time (agencies)')
    .option('--after <report>', 'the last report of the page before')
    .action(({ after }: { after?: string }) =>
      printer.guard(async () => {
        const page = await api.platform<{ reports: Report[]; more: boolean }>('GET', '/v1/exploitation-reports', {
          query: { after },
        });
        const lines = page.reports.flatMap(({ day, harm, feature, technique, scale, trend, text, platform }) => [
          `${day}  ${harm}  ${feature}: ${technique}, ${scale}, ${trend}${platform ? `  (${platform})` : ''}`,
          ...(text ? [`  ${text}`] : []),
        ]);
        if (page.more) lines.push(`more: --after ${page.reports.at(-1)?.id}`);
        printer.answer(page, lines.length > 0 ? lines : ['no reports']);
      }),
    );
}
