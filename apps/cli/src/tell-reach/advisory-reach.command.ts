import { columns } from '../call-exchange/answer-printer.js';
import type { Tool } from '../call-exchange/tool.js';

interface AdvisoryReach {
  signals: number;
  partly: boolean;
  platforms: { platform: string; offered: number; fetched: number }[];
  followed_by_operators: number;
}

/** `tocsin advisory-reach ADVISORY`, for agencies. */
export function addAdvisoryReach({ program, api, printer }: Tool): void {
  program
    .command('advisory-reach <advisory>')
    .description('to which platforms an advisory of yours was offered, and which have it (agencies)')
    .action((advisory: string) =>
      printer.guard(async () => {
        const reach = await api.intake<AdvisoryReach>('GET', `/v1/advisories/${encodeURIComponent(advisory)}/reach`);
        printer.answer(reach, [
          `${reach.signals} signals${reach.partly ? ' looked at, of more' : ''}`,
          ...columns(
            reach.platforms.map(({ platform, offered, fetched }) => [
              `  ${platform}`,
              `offered ${offered}`,
              `fetched ${fetched}`,
            ]),
          ),
          ...(reach.followed_by_operators > 0
            ? [`${reach.followed_by_operators} more platforms are followed by operators`]
            : []),
        ]);
      }),
    );
}
