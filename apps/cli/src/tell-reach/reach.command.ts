import type { Tool } from '../call-exchange/tool.js';

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
