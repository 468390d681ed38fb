import type { Command } from 'commander';
import { columns } from '../call-exchange/answer-printer.js';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';

/** What the console tells of a proposal. */
export interface Proposal {
  id: string;
  action: string;
  subject: Record<string, string>;
  reason: string;
  state: string;
  /** Of a key just issued, this once. */
  key?: string;
  list_change?: { added: string[]; removed: string[] };
}

/** A proposal in a few lines, with what a second operator has to know. */
export function proposalLines({ id, action, subject, reason, state, key, list_change }: Proposal): string[] {
  const about = Object.entries(subject).map(([name, value]) => `${name} ${value}`);
  return [
    `${id}  ${state}  ${action} ${about.join(', ')}`,
    `  reason: ${reason}`,
    ...(list_change?.removed.map((entry) => `  - ${entry}`) ?? []),
    ...(list_change?.added.map((entry) => `  + ${entry}`) ?? []),
    ...(state === 'open' ? [`  another operator confirms it: tocsin confirm ${id}`] : []),
    ...(key === undefined
      ? []
      : [`  key ${key}`, '  Hand it over: it is shown this once. Its holder rotates it at once.']),
  ];
}

/** What two operators decide together: one proposes, another confirms. */
export function addDecideTogether({ program, api, printer }: Tool): void {
  const propose = async (action: string, subject: object, reason: string): Promise<void> => {
    const proposal = await api.console<Proposal>('POST', '/v1/proposals', { json: { action, subject, reason } });
    printer.answer(proposal, proposalLines(proposal));
  };
  const reasoned = (command: Command): Command => command.requiredOption('--reason <words>', 'why');

  reasoned(program.command('stop').description('stop publishing; withdrawals and corrections go on'))
    .option('--everything')
    .option('--agency <id>')
    .option('--channel <id>')
    .option('--lift <stop>', 'lift a stop instead')
    .action((given: { everything?: boolean; agency?: string; channel?: string; lift?: string; reason: string }) =>
      printer.guard(async () => {
        const named = [given.everything, given.agency, given.channel, given.lift].filter((one) => one !== undefined);
        if (named.length !== 1)
          throw new Refusal({ status: 0, detail: 'Say one of --everything, --agency, --channel or --lift.' });
        if (given.lift) return propose('lift-stop', { stop: given.lift }, given.reason);
        if (given.everything) return propose('stop', { scope: 'everything' }, given.reason);
        return propose(
          'stop',
          given.agency ? { scope: 'agency', id: given.agency } : { scope: 'channel', id: given.channel },
          given.reason,
        );
      }),
    );
  reasoned(program.command('purge <submission>').description('destroy the bytes of a submission and their key')).action(
    (submission: string, { reason }: { reason: string }) =>
      printer.guard(() => propose('purge', { submission }, reason)),
  );
  reasoned(
    program
      .command('rebuild <channel>')
      .description('publish every row of a channel to Kafka again, with the same ids'),
  ).action((channel: string, { reason }: { reason: string }) =>
    printer.guard(() => propose('rebuild', { channel }, reason)),
  );
  reasoned(program.command('issue-key <person>').description('a key for an officer, an approver or a platform’s admin'))
    .option('--expires-at <moment>', 'when it ends')
    .action((person: string, { reason, expiresAt }: { reason: string; expiresAt?: string }) =>
      printer.guard(() => propose('issue-key', { person, ...(expiresAt && { expires_at: expiresAt }) }, reason)),
    );
  reasoned(
    program.command('grant-role <person> <role>').description('make somebody officer, approver or admin as well'),
  ).action((person: string, role: string, { reason }: { reason: string }) =>
    printer.guard(() => propose('grant-role', { person, role }, reason)),
  );
  reasoned(
    program.command('close-channel <channel>').description('close a channel for good; its withdrawals go on'),
  ).action((channel: string, { reason }: { reason: string }) =>
    printer.guard(() => propose('close-channel', { channel }, reason)),
  );
  reasoned(program.command('release <organisation>').description('let an organisation go for good'))
    .option('--leave-policy <policy>', 'of a platform: keep-until-expiry or delete-all')
    .action((organisation: string, { reason, leavePolicy }: { reason: string; leavePolicy?: string }) =>
      printer.guard(() =>
        propose(
          'release-organisation',
          { organisation, ...(leavePolicy !== undefined && { leave_policy: leavePolicy }) },
          reason,
        ),
      ),
    );
  reasoned(
    program
      .command('permit-list <agency> <list>')
      .description('record that the owner of a list permits an agency to submit it'),
  )
    .requiredOption('--terms <words>', 'the agreement that says so')
    .option('--until <moment>', 'when the permission ends')
    .action((agency: string, list: string, { reason, ...given }: { reason: string; terms: string; until?: string }) =>
      printer.guard(() => propose('permit-list', { agency, list, ...given }, reason)),
    );
  reasoned(
    program
      .command('close-duty <platform>')
      .description('record by what it signed that a platform that left owes no more word'),
  )
    .requiredOption('--statement <sha256>', 'SHA-256 of the signed document, in hexadecimal')
    .requiredOption('--says <word>', 'deleted or kept-until-expiry')
    .action((platform: string, { reason, ...given }: { reason: string; statement: string; says: string }) =>
      printer.guard(() => propose('close-duty', { platform, ...given }, reason)),
    );
  program
    .command('confirm <proposal>')
    .description('be the second operator')
    .action((id: string) =>
      printer.guard(async () => {
        const proposal = await api.console<Proposal>('POST', `/v1/proposals/${encodeURIComponent(id)}/confirmation`, {
          json: {},
        });
        printer.answer(proposal, proposalLines(proposal));
      }),
    );
  program
    .command('proposals [proposal]')
    .description('what waits for a second operator, and what was decided; or one of them')
    .action((id: string | undefined) =>
      printer.guard(async () => {
        if (id !== undefined) {
          const proposal = await api.console<Proposal>('GET', `/v1/proposals/${encodeURIComponent(id)}`);
          printer.answer(proposal, proposalLines(proposal));
          return;
        }
        const answer = await api.console<{ proposals: Proposal[] }>('GET', '/v1/proposals');
        const rows = answer.proposals.map(({ id, state, action, reason }) => [id, state, action, reason]);
        printer.answer(answer, rows.length > 0 ? columns(rows) : ['none']);
      }),
    );
}
