import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

/** `tocsin channels`. */
export function addChannels({ program, api, printer }: Tool): void {
  program
    .command('channels')
    .description('channels that you may know of')
    .action(() =>
      printer.guard(async () => {
        const answer = await api.console<{
          channels: { id: string; title: string; highest_tlp: string; priority: string; drill: boolean }[];
        }>('GET', '/v1/channels');
        const rows = answer.channels.map(({ id, title, highest_tlp, priority, drill }) => [
          id,
          title,
          `TLP:${highest_tlp.toUpperCase()}`,
          priority,
          drill ? 'drill' : '',
        ]);
        printer.answer(answer, rows.length > 0 ? columns(rows) : ['no channels']);
      }),
    );
}
