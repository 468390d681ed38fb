import { Option } from 'commander';
import { canonicalise, LOOK_UP_TYPES, lookUpDigest, type LookUpType } from '#libs/domain';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';

interface Entry {
  suffix: string;
  type: string;
  row_id: string;
  version: number;
  harms: string[];
  ceiling: string;
  valid_until: string;
  drill: boolean;
}

interface Answer {
  expires: string;
  content_withheld?: string;
  entries: Entry[];
}

/** `tocsin look-up`: the value stays here; only the beginning of its digest is told. */
export function addLookUp({ program, api, printer }: Tool): void {
  program
    .command('look-up <channel> <value>')
    .description('whether a value is listed; only a short prefix of its digest is told (a platform’s admin or analyst)')
    .addOption(new Option('--type <type>', 'of the value').choices(LOOK_UP_TYPES).default('url'))
    .action((channel: string, value: string, { type }: { type: LookUpType }) =>
      printer.guard(async () => {
        const canonical = canonicalise(type, value);
        if (!canonical.ok)
          throw new Refusal({ status: 0, code: 'TOC_ITEM_VALUE', detail: `${canonical.code}: ${canonical.detail}` });
        const digest = lookUpDigest(type, canonical.value);
        const path = `/v1/channels/${encodeURIComponent(channel)}/look-up`;
        const { prefix_length: length } = await api.platform<{ prefix_length: number }>('GET', path);
        const answer = await api.platform<Answer>('GET', `${path}/${digest.slice(0, length)}`);
        const found = answer.entries.filter(({ suffix }) => suffix === digest.slice(length));
        const { expires, content_withheld: withheld } = answer;
        printer.answer(
          { found, expires, ...(withheld && { content_withheld: withheld }) },
          found.length > 0
            ? found.map((entry) => lineOf(entry))
            : [withheld ? `nothing is told now: ${withheld}` : 'not listed'],
        );
      }),
    );
}

function lineOf({ row_id: row, version, type, harms, ceiling, valid_until: until, drill }: Entry): string {
  return `${drill ? 'drill: ' : ''}${ceiling} at most · ${harms.join(', ')} · ${type} · until ${until} · row ${row} version ${version}`;
}
