import { columns } from '../call-exchange/answer-printer.js';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';

interface Finding {
  what: string;
  well: boolean;
  says: string;
}

const CLOCK_TOLERANCE_MS = 5000;

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

/** `tocsin doctor`: whether this machine can work with the exchange. */
export function addDoctor({ program, api, printer }: Tool): void {
  program
    .command('doctor')
    .description('check addresses, clocks and the key')
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
        findings.push(key);
        printer.answer(
          { findings },
          columns(findings.map(({ what, well, says }) => [well ? 'well' : 'NOT WELL', what, says])),
        );
        if (findings.some(({ well }) => !well)) process.exitCode = 1;
      }),
    );
}
