import type { Tool } from '../call-exchange/tool.js';

interface Naming {
  advisory_id: string;
  since: string;
}

/** `tocsin naming list|begin|end`, for a platform: agencies see totals, unless it wants one to see its answers. */
export function addNaming({ program, api, printer }: Tool): void {
  const naming = program.command('naming').description('for which advisories an agency sees your answers by name');
  const line = ({ advisory_id, since }: Naming): string => `${advisory_id}  by name since ${since}`;
  const path = (advisory: string): string => `/v1/named-answers/${encodeURIComponent(advisory)}`;
  naming
    .command('list')
    .description('the advisories')
    .action(() =>
      printer.guard(async () => {
        const answer = await api.platform<{ namings: Naming[] }>('GET', '/v1/named-answers');
        printer.answer(answer, answer.namings.length > 0 ? answer.namings.map(line) : ['no agency sees them by name']);
      }),
    );
  naming
    .command('begin <advisory>')
    .description('let its agency see what you answer from now on, by name (a platform’s admin)')
    .action((advisory: string) =>
      printer.guard(async () => {
        const begun = await api.platform<Naming>('PUT', path(advisory));
        printer.answer(begun, [line(begun)]);
      }),
    );
  naming
    .command('end <advisory>')
    .description('end that: what was shown by name is gone (a platform’s admin)')
    .action((advisory: string) =>
      printer.guard(async () => {
        await api.platform('DELETE', path(advisory));
        printer.answer({ advisory_id: advisory }, [`${advisory}  no longer by name`]);
      }),
    );
}
