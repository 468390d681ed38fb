import { readFile, writeFile } from 'node:fs/promises';
import {
  conforms,
  makeConformanceKeys,
  runConformance,
  type CaseResult,
  type ConformanceKeys,
  type HeldState,
  type ReceiverUnderTest,
} from '#libs/conformance';
import { columns } from '../call-exchange/answer-printer.js';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';

interface Given {
  keys: string;
  state?: string;
  burst: string;
}

/** A delivery is given up after so long, as by the exchange. */
const DEADLINE_MS = 15_000;
const OUTCOMES = { conforms: 'ok', 'not-seen': 'answers well, effect not seen', fails: 'FAILS' } as const;

/** `tocsin conformance URL`: tries a receiver of webhooks with everything that a year brings. */
export function addConformance({ program, printer }: Tool): void {
  program
    .command('conformance <url>')
    .description('try a receiver of webhooks with everything that a year brings (docs/receivers/conformance.md)')
    .requiredOption('--keys <file>', 'keys of the bench, which the receiver trusts; made if the file is not there')
    .option('--state <url>', 'where the receiver tells what it holds: GET ?channel=…&row_id=…')
    .option('--burst <rows>', 'rows of the burst', '10000')
    .action((url: string, given: Given) =>
      printer.guard(async () => {
        const keys = await keysIn(given.keys);
        if (!keys) {
          await writeFile(given.keys, `${JSON.stringify(makeConformanceKeys(), null, 2)}\n`, {
            mode: 0o600,
            flag: 'wx',
          });
          printer.answer({ keys: given.keys }, [
            `New keys are in ${given.keys}: have the receiver trust its public_keys or secrets, then run this again.`,
          ]);
          return;
        }
        const settings = { burst: wholeNumber(given.burst) };
        const told = ({ id, outcome }: CaseResult): void => printer.progress(`${id}: ${OUTCOMES[outcome]}`);
        const results = await runConformance(receiverAt(url, given.state), keys, settings, told);
        const isConforming = conforms(results);
        printer.answer({ conforms: isConforming, results }, [
          ...lines(results),
          isConforming ? 'conforms' : 'does NOT conform',
        ]);
        if (!isConforming) process.exitCode = 1;
      }),
    );
}

function lines(results: readonly CaseResult[]): string[] {
  return columns(
    results.map(({ id, level, outcome, detail, milliseconds }) => [
      ...[id, level, OUTCOMES[outcome], `${milliseconds} ms`, detail ?? ''],
    ]),
  );
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number > 0 && number <= 1_000_000) return number;
  throw new Refusal({ status: 0, detail: '--burst is a whole number up to 1,000,000.' });
}

async function keysIn(file: string): Promise<ConformanceKeys | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as ConformanceKeys;
  } catch {
    throw new Refusal({ status: 0, detail: `The keys file ${file} is not JSON.` });
  }
}

/** A receiver over HTTP. */
function receiverAt(url: string, state: string | undefined): ReceiverUnderTest {
  return {
    async post(headers, body) {
      const answer = await fetch(url, {
        ...{ method: 'POST', headers, body: new Uint8Array(body), redirect: 'manual' },
        signal: AbortSignal.timeout(DEADLINE_MS),
      });
      return { status: answer.status, body: await answer.text() };
    },
    ...(state !== undefined && {
      async held(channel: string, rowId: string): Promise<HeldState> {
        const target = new URL(state);
        target.searchParams.set('channel', channel);
        target.searchParams.set('row_id', rowId);
        return (await (await fetch(target, { signal: AbortSignal.timeout(DEADLINE_MS) })).json()) as HeldState;
      },
    }),
  };
}
