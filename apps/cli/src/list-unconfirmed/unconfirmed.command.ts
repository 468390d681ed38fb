import type { Tool } from '../call-exchange/tool.js';

interface Unconfirmed {
  rows: { channel: string; row_id: string; version: number; due_at: string; overdue: boolean }[];
  next?: string;
}

/** `tocsin unconfirmed`, for a platform. */
export function addUnconfirmed({ program, api, printer }: Tool): void {
  program
    .command('unconfirmed')
    .description('rows whose end you have yet to confirm, soonest due first (platforms)')
    .option('--after <place>', 'the next page')
    .action(({ after }: { after?: string }) =>
      printer.guard(async () => {
        const page = await api.platform<Unconfirmed>('GET', '/v1/unconfirmed', { query: { after } });
        const lines = page.rows.map(
          ({ channel, row_id: row, version, due_at: due, overdue }) =>
            `${due.slice(0, 16)}Z  ${channel}  ${row}  version ${version}${overdue ? '  overdue' : ''}`,
        );
        if (page.next) lines.push(`more: --after ${page.next}`);
        printer.answer(page, lines.length > 0 ? lines : ['everything is confirmed']);
      }),
    );
}
