import type { Tool } from '../call-exchange/tool.js';
import { proposalLines, type Proposal } from '../decide-together/decide-together.commands.js';

interface Given {
  person?: string;
  key?: string;
  from: string;
  until: string;
  reason?: string;
}

interface Preview {
  submissions: number;
  unsettled: number;
  advisories: number;
  assertions: number;
  channels: { channel: string; rows: number }[];
}

/** `tocsin undo AGENCY`: counted first, then proposed to a second operator. */
export function addUndo({ program, api, printer }: Tool): void {
  program
    .command('undo <agency>')
    .description(
      'take back everything that an agency, one of its people or one key submitted in a window of time (operators)',
    )
    .option('--person <id>', 'only what this person submitted')
    .option('--key <id>', 'only what came by this key')
    .requiredOption('--from <moment>', 'received at this moment or later')
    .requiredOption('--until <moment>', 'received before this moment')
    .option('--reason <words>', 'propose it; without this it is only counted')
    .action((agency: string, { reason, ...window }: Given) =>
      printer.guard(async () => {
        const subject = { agency, ...window };
        const preview = await api.console<Preview>('GET', '/v1/undo-preview', { query: subject });
        const counted = [
          `${preview.submissions} submissions (${preview.unsettled} not settled), ${preview.advisories} advisories, ${preview.assertions} statements stand`,
          ...preview.channels.map(({ channel, rows }) => `  ${channel}: ${rows} rows`),
        ];
        if (reason === undefined) {
          printer.answer(preview, counted);
          return;
        }
        const proposal = await api.console<Proposal>('POST', '/v1/proposals', {
          json: { action: 'undo-submitter', subject, reason },
        });
        printer.answer({ preview, proposal }, [...counted, ...proposalLines(proposal)]);
      }),
    );
}
