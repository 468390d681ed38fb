import { columns } from '../call-exchange/answer-printer.js';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';

interface Finding {
  what: string;
  well: boolean;
  says: string;
}

const CLOCK_TOLERANCE_MS = 5000;
const LONG_WAITED_MS = 15 * 60_000;

async function reach(what: string, address: string): Promise<Finding[]> {
  const asked = Date.now();
  const answer = await fetch(new URL('/openapi.json', address), { signal: AbortSignal.timeout(5000) }).catch(
    () => undefined,
  );
  if (!answer?.ok) return [{ what, well: false, says: `${address} does not answer as an exchange does` }];
  const theirs = Date.parse(answer.headers.get('date') ?? '');
  const apart = Math.abs(theirs - asked);
  return [
    { what, well: true, says: `${address} answers after ${Date.now() - asked} ms` },
    {
      what: `clock of ${what}`,
      well: !(apart > CLOCK_TOLERANCE_MS),
      says: apart > CLOCK_TOLERANCE_MS ? `${Math.round(apart / 1000)} s apart from this one` : 'agrees with this one',
    },
  ];
}

/** Whether work has begun on every submission of the key's agency; nothing for other keys. */
async function lookForLost(api: Tool['api']): Promise<Finding[]> {
  const answer = await api
    .intake<{ submissions: { state?: string; received_at: string }[] }>('GET', '/v1/submissions?limit=200')
    .catch(() => undefined);
  if (!answer) return [];
  const late = answer.submissions.filter(
    ({ state, received_at }) => state === 'accepted' && Date.now() - Date.parse(received_at) > LONG_WAITED_MS,
  ).length;
  const says =
    late === 0
      ? 'work on each has begun'
      : `${late} of the last ${answer.submissions.length} wait for their work to begin; they are kept, and told of again by themselves`;
  return [{ what: 'submissions', well: late === 0, says }];
}

/** `tocsin doctor`: whether this machine can work with the exchange, and whether work on submissions begins. */
export function addDoctor({ program, api, printer }: Tool): void {
  program
    .command('doctor')
    .description('check addresses, clocks, the key and the work on submissions')
    .action(() =>
      printer.guard(async () => {
        const findings = [
          ...(await reach('intake', api.config.intakeUrl)),
          ...(await reach('console', api.config.consoleUrl)),
        ];
        const key = await api.console('GET', '/v1/channels').then(
          (): Finding => ({ what: 'key', well: true, says: 'is good' }),
          (thrown: unknown): Finding => ({
            what: 'key',
            well: false,
            says: thrown instanceof Refusal ? thrown.message : 'could not be tried',
          }),
        );
        findings.push(key, ...(key.well ? await lookForLost(api) : []));
        printer.answer(
          { findings },
          columns(findings.map(({ what, well, says }) => [well ? 'well' : 'NOT WELL', what, says])),
        );
        if (findings.some(({ well }) => !well)) process.exitCode = 1;
      }),
    );
}
