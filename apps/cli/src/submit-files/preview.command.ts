import type { Tool } from '../call-exchange/tool.js';
import { leftOutLines, loweredLines, type LoweredRows } from '../follow-submission/lowered-ceilings.js';
import { allParameters, statementIn, uploadOf } from './document-upload.js';
import { withStatementOptions } from './statement-options.js';

interface Preview {
  format: string;
  counts: Record<string, number>;
  channels: { channel: string; platforms: { name: string; country: string }[] }[];
  platforms: number;
  countries: string[];
  holds: { reason: string; rule: string; list?: string; items: number; missing?: string[]; found?: string[] }[];
  ceilings_lowered: LoweredRows[];
  signals_left_out: Record<string, number>;
  rejected: { position: number; code: string; detail: string }[];
  problem?: { code: string; detail: string };
}

function lines(preview: Preview): string[] {
  const { counts, channels, platforms, countries, holds, rejected, problem } = preview;
  return [
    `${preview.format}: ${counts.asserted ?? 0} items would leave, to ${platforms} platforms in ${countries.length} countries${countries.length > 0 ? ` (${countries.join(', ')})` : ''}; nothing was submitted`,
    ...channels.map(
      ({ channel, platforms: on }) =>
        `  ${channel}: ${on.map(({ name, country }) => `${name} (${country})`).join(', ') || 'nobody yet'}`,
    ),
    ...holds.map(
      ({ reason, rule, list, items, missing, found }) =>
        `  held: ${items} items, ${reason}${list ? ` (${rule}, ${list})` : inBrackets(missing ?? found)}`,
    ),
    ...loweredLines(preview.ceilings_lowered),
    ...leftOutLines(preview.signals_left_out),
    ...rejected.map(({ position, code, detail }) => `  rejected at ${position}: ${code}: ${detail}`),
    ...(problem ? [`  refused as a whole: ${problem.code}: ${problem.detail}`] : []),
  ];
}

const inBrackets = (words: readonly string[] = []): string => (words.length > 0 ? ` (${words.join(', ')})` : '');

/** `tocsin preview FILE`. */
export function addPreview({ program, api, printer }: Tool): void {
  withStatementOptions(
    program
      .command('preview <file>')
      .description('say what would happen to a document and who would receive it; publishes nothing'),
  ).action((file: string, given: Record<string, unknown>) =>
    printer.guard(async () => {
      const all = { ...(await statementIn(file)), ...(await allParameters(given)) };
      const upload = await uploadOf(file, all, () => undefined);
      const preview = await api.intake<Preview>('POST', '/v1/submissions/preview', upload);
      printer.answer(preview, lines(preview));
    }),
  );
}
