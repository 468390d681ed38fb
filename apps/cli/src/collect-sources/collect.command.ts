import { setTimeout as pause } from 'node:timers/promises';
import type { Tool } from '../call-exchange/tool.js';
import { collectOnce, type Look } from './collect-once.js';
import { getBounded } from './get-bounded.js';
import { readSources } from './read-sources.js';
import { SourceRecords } from './source-record.js';
import type { SourceSettings } from './source.js';

const LONGEST_BACK_OFF_S = 3600;

/** Seconds to the next look: the source's own pace, and after failures twice as long each time, up to an hour. */
export function nextLookIn(everySeconds: number, failuresInARow: number): number {
  return Math.max(everySeconds, Math.min(LONGEST_BACK_OFF_S, everySeconds * 2 ** Math.min(failuresInARow, 20)));
}

function linesOf(name: string, { receipts, refused, problem }: Look): string[] {
  return [
    ...receipts.map(({ document, submission }) => `${name}: ${document}: receipt ${submission}`),
    ...refused.map(({ document, code }) => `${name}: ${document}: refused, ${code}`),
    ...(problem === undefined ? [] : [`${name}: ${problem}`]),
  ];
}

/** `tocsin collect SOURCES`: polls what an agency publishes elsewhere, and submits it on its behalf. */
export function addCollect({ program, api, printer }: Tool): void {
  program
    .command('collect <sources>')
    .description('poll folders, documents, TAXII 2.1 collections and MISP feeds, and submit what is new')
    .option('--once', 'look at every source once, and end')
    .action((file: string, { once }: { once?: boolean }) =>
      printer.guard(async () => {
        const { sources, stateFolder, metricsFile } = await readSources(file);
        const records = new SourceRecords(stateFolder, metricsFile);
        const parts = { api, records, tools: { get: getBounded } };
        if (once) {
          const looks: [string, Look][] = [];
          for (const source of sources) looks.push([source.name, await collectOnce(source, parts)]);
          printer.answer(
            Object.fromEntries(looks),
            looks.flatMap(([name, look]) => linesOf(name, look)),
          );
          if (looks.some(([, { problem }]) => problem !== undefined)) process.exitCode = 1;
          return;
        }
        const stopped = new AbortController();
        for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stopped.abort());
        const follow = async (source: SourceSettings): Promise<void> => {
          while (!stopped.signal.aborted) {
            for (const line of linesOf(source.name, await collectOnce(source, parts))) printer.progress(line);
            const { failures_in_a_row: failures } = await records.of(source.name);
            const wait = nextLookIn(source.every_seconds, failures) * 1000;
            await pause(wait, undefined, { signal: stopped.signal }).catch(() => undefined);
          }
        };
        await Promise.all(sources.map(follow));
      }),
    );
}
