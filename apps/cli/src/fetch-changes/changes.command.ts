import type { Tool } from '../call-exchange/tool.js';

/** `tocsin changes`, `tocsin withdrawals`: what a platform fetches, line by line as it comes. */
export function addFetchChanges({ program, api, printer }: Tool): void {
  program
    .command('changes <channel>')
    .description(
      'what changed in a channel, as lines of JSON; each page ends with its cursor (a platform’s admin or analyst)',
    )
    .option('--cursor <cursor>', 'the last cursor that was read')
    .option('--limit <records>', 'records at most')
    .option('--wait <seconds>', 'wait so long for something new')
    .action((channel: string, query: Record<string, string>) =>
      printer.guard(() => print(api.platformLines(`/v1/channels/${encodeURIComponent(channel)}/changes`, query))),
    );
  program
    .command('withdrawals')
    .description('what was taken back of everything that was fetched, as lines of JSON')
    .option('--since <cursor>', 'the last cursor that was read')
    .option('--limit <records>', 'records at most')
    .action((query: Record<string, string>) => printer.guard(() => print(api.platformLines('/v1/withdrawals', query))));
}

/** As it comes: a channel may have a million rows. */
async function print(pieces: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const piece of pieces)
    if (!process.stdout.write(piece)) await new Promise((go) => process.stdout.once('drain', go));
}
