import type { Tool } from '../call-exchange/tool.js';

interface Holders {
  version: number;
  newest: number;
  live: boolean;
  holders: number;
  exactly: number;
  platforms: { platform: string; platform_id: string; version: number; arrived: boolean; stated: boolean }[];
  more: boolean;
}

interface Holdings {
  rows: { row_id: string; version: number; arrived: boolean; newest: number; live: boolean }[];
  next?: string;
}

/** `tocsin holders CHANNEL ROW`, for operators. */
export function addHolders({ program, api, printer }: Tool): void {
  program
    .command('holders <channel> <row>')
    .description('which platforms hold a version of a row, or an older one, and know of nothing newer (operators)')
    .option('--version <number>', 'the version; otherwise the newest')
    .option('--after <platform>', 'the next page')
    .action((channel: string, row: string, { version, after }: { version?: string; after?: string }) =>
      printer.guard(async () => {
        const held = await api.console<Holders>('GET', `/v1/rows/${encodeURIComponent(row)}/holders`, {
          query: { channel, version, after },
        });
        printer.answer(held, [
          `${held.holders} platforms hold version ${held.version} or an older one, ${held.exactly} of them exactly this`,
          `the newest version is ${held.newest}, ${held.live ? 'live' : 'withdrawn'}`,
          ...held.platforms.map(
            ({ platform, platform_id: id, version: its, arrived, stated }) =>
              `  ${platform} (${id}) version ${its}${arrived ? '' : ', perhaps'}${stated ? ', has signed a closing statement' : ''}`,
          ),
          ...nextPage(held.more ? held.platforms.at(-1)?.platform_id : undefined),
        ]);
      }),
    );
}

/** `tocsin holdings PLATFORM --channel C`, for operators. */
export function addHoldings({ program, api, printer }: Tool): void {
  program
    .command('holdings <platform>')
    .description('rows of a channel that a platform holds as live, and in which version (operators)')
    .requiredOption('--channel <channel>', 'the channel')
    .option('--after <place>', 'the next page')
    .action((platform: string, query: { channel: string; after?: string }) =>
      printer.guard(async () => {
        const path = `/v1/platforms/${encodeURIComponent(platform)}/holdings`;
        const held = await api.console<Holdings>('GET', path, { query: { ...query } });
        printer.answer(held, [
          ...held.rows.map(
            ({ row_id, version, arrived, newest, live }) =>
              `${row_id}  version ${version}${arrived ? '' : ', perhaps'}; the newest is ${newest}, ${live ? 'live' : 'withdrawn'}`,
          ),
          ...nextPage(held.next),
        ]);
      }),
    );
}

function nextPage(place: string | undefined): string[] {
  return place === undefined ? [] : [`more: --after ${place}`];
}
