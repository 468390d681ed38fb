import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { columns } from '../call-exchange/answer-printer.js';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { proposalLines, type Proposal } from '../decide-together/decide-together.commands.js';

interface Admission {
  organisation_id: string;
  name: string;
  kind: string;
  standing: string | null;
  basis: string;
  review_on: string | null;
  due: boolean;
}

/** Who takes part, on which grounds, and with what standing (operators). */
export function addAdmissions({ program, api, printer }: Tool): void {
  const reasoned = (command: Command): Command => command.requiredOption('--reason <words>', 'why');
  const answerProposal = (proposal: Proposal): void => printer.answer(proposal, proposalLines(proposal));

  program
    .command('admissions')
    .description('on which grounds agencies and platforms take part, those first that somebody has to look at')
    .option('--due', 'only those')
    .action(({ due }: { due?: true }) =>
      printer.guard(async () => {
        const query = { due: due && 'true' };
        const answer = await api.console<{ admissions: Admission[] }>('GET', '/v1/admissions', { query });
        const rows = answer.admissions.map((one) => [
          ...[one.organisation_id, one.kind, one.name, one.standing ?? '', one.basis],
          one.review_on === null ? '' : `review on ${one.review_on}`,
          one.due ? 'DUE' : '',
        ]);
        printer.answer(answer, rows.length > 0 ? columns(rows) : ['none']);
      }),
    );
  reasoned(
    program
      .command('admit <organisation> <file>')
      .description('propose the admission of an organisation; the file says its grounds as JSON'),
  ).action((organisation: string, file: string, { reason }: { reason: string }) =>
    printer.guard(async () => {
      const path = `/v1/organisations/${encodeURIComponent(organisation)}/admission`;
      const json = { ...(await readGrounds(file)), reason };
      answerProposal(await api.console<Proposal>('POST', path, { json }));
    }),
  );
  reasoned(
    program
      .command('standing <platform> <standing>')
      .description('propose what a platform is given: match-only, signals for automated matching alone; or full'),
  ).action((organisation: string, standing: string, { reason }: { reason: string }) =>
    printer.guard(async () => {
      const json = { action: 'change-standing', subject: { organisation, standing }, reason };
      answerProposal(await api.console<Proposal>('POST', '/v1/proposals', { json }));
    }),
  );
  reasoned(
    program
      .command('suspend <organisation>')
      .description('give an organisation no content for now, at once; withdrawals of what a platform holds go on'),
  )
    .option('--cut-off', 'take a platform’s Kafka user too; then its withdrawals wait')
    .action((organisation: string, { reason, cutOff }: { reason: string; cutOff?: true }) =>
      printer.guard(async () => {
        const json = { state: 'suspended', reason, cut_off: cutOff };
        const path = `/v1/organisations/${encodeURIComponent(organisation)}`;
        const answer = await api.console<{ id: string; state: string }>('PATCH', path, { json });
        printer.answer(answer, [`${answer.id}  ${answer.state}`]);
      }),
    );
  reasoned(
    program.command('reinstate <organisation>').description('propose that a suspended organisation takes part again'),
  ).action((organisation: string, { reason }: { reason: string }) =>
    printer.guard(async () => {
      const json = { action: 'reinstate', subject: { organisation }, reason };
      answerProposal(await api.console<Proposal>('POST', '/v1/proposals', { json }));
    }),
  );
}

async function readGrounds(file: string): Promise<object> {
  try {
    const grounds: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof grounds === 'object' && grounds !== null && !Array.isArray(grounds)) return grounds;
  } catch {
    // Told in one way below.
  }
  throw new Refusal({ status: 0, detail: `${file} cannot be read as a JSON object.` });
}
