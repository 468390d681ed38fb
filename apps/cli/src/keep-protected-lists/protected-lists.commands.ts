import { readFile } from 'node:fs/promises';
import { columns } from '../call-exchange/answer-printer.js';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { proposalLines, type Proposal } from '../decide-together/decide-together.commands.js';

interface ListSummary {
  id: string;
  title: string;
  version: number;
  judges: string;
  size: number;
}

function row({ id, title, version, judges, size }: ListSummary): string[] {
  return [id, `version ${version}`, judges, `${size} entries`, title];
}

async function readList(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch {
    throw new Refusal({ status: 0, detail: `${file} cannot be read as JSON.` });
  }
}

/** `tocsin protected-lists list|replace`: what holds an item, by list. */
export function addProtectedLists({ program, api, printer }: Tool): void {
  const lists = program.command('protected-lists').description('lists whose hits hold an item');
  lists
    .command('list')
    .description('the lists, without their entries')
    .action(() =>
      printer.guard(async () => {
        const answer = await api.console<{ protected_lists: ListSummary[] }>('GET', '/v1/protected-lists');
        printer.answer(answer, columns(answer.protected_lists.map(row)));
      }),
    );
  lists
    .command('replace <list> <file>')
    .description('put a list in force, from JSON; what would protect less is proposed to another operator')
    .requiredOption('--reason <words>', 'why')
    .option('--judges <word>', 'any-hit, whole-host or digest; needed for a MISP warninglist')
    .action((id: string, file: string, { reason, judges }: { reason: string; judges?: string }) =>
      printer.guard(async () => {
        const content = await readList(file);
        const path = `/v1/protected-lists/${encodeURIComponent(id)}`;
        try {
          const list = await api.console<ListSummary>('PUT', path, { json: content, query: { reason, judges } });
          printer.answer(list, columns([row(list)]));
        } catch (thrown) {
          if (!(thrown instanceof Refusal) || thrown.problem.code !== 'TOC_ACCESS_SECOND_PERSON') throw thrown;
          const subject = { list: id, ...(judges && { judges }) };
          const json = { action: 'replace-protected-list', subject, content, reason };
          const proposal = await api.console<Proposal>('POST', '/v1/proposals', { json });
          printer.answer(proposal, proposalLines(proposal));
        }
      }),
    );
}
