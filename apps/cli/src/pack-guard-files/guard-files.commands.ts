import { randomUUID } from 'node:crypto';
import { checkGuardFile, detectFormat, writeGuardLine } from '#libs/formats';
import { readSubmissionParameters } from '#libs/events';
import type { Tool } from '../call-exchange/tool.js';
import type { Story } from '../follow-submission/story-lines.js';
import { fileSource } from '../read-files/file-source.js';
import { allParameters } from '../submit-files/document-upload.js';
import { withStatementOptions } from '../submit-files/statement-options.js';
import { RecordPacker } from './pack-records.js';

/** Parameters that say how the packed document is read, and nothing about its items. */
const OF_THE_DOCUMENT = new Set(['format', 'signal_type', 'columns', 'delimiter']);

/** Reads a document and writes a guard file. @returns the file, and what was left out */
async function pack(
  file: string,
  sender: string,
  said: Record<string, string>,
): Promise<{ text: string; records: number; leftOut: Record<string, number> }> {
  const { format: id, signal_type: signalType, columns, delimiter } = readSubmissionParameters(said);
  const { source, head } = await fileSource(file);
  const { format } = detectFormat(head, { id, fileName: file.replace(/\.gz$/, '') });
  const packer = new RecordPacker();
  for await (const { items } of format.read(source, { batchSize: 1000, signalType, columns, delimiter }))
    for (const item of items) packer.take(item);
  const { records, tlp, leftOut } = packer.result;
  const statement = Object.fromEntries(Object.entries(said).filter(([name]) => !OF_THE_DOCUMENT.has(name)));
  const first = writeGuardLine({
    ...{ record: 'head', version: 1, sender, id: randomUUID(), made_at: new Date().toISOString() },
    ...(tlp ? { tlp } : {}),
    ...(Object.keys(statement).length > 0 ? { statement } : {}),
  });
  const last = writeGuardLine({ record: 'end', records: records.length });
  return { text: first + records.map(writeGuardLine).join('') + last, records: records.length, leftOut };
}

/** State, counts and refusals of a submission as flat records of ASCII, for the way back through a guard. */
function receiptLines(story: Story): string[] {
  const records: object[] = [
    { record: 'receipt', submission: story.id, state: story.state, counts: story.counts ?? {} },
    ...(story.advisories ?? []).map(({ id, revision, state }) => ({ record: 'advisory', id, revision, state })),
    ...(story.holds ?? []).map(({ id, reason, state, position }) => ({ record: 'hold', id, reason, state, position })),
    ...(story.rejected ?? []).map(({ position, code }) => ({ record: 'rejection', position, code })),
  ];
  return [...records, { record: 'end', records: records.length }].map((record) => JSON.stringify(record));
}

/** `tocsin pack`, `tocsin check` (both offline) and `tocsin receipt`: files for guards between networks. */
export function addPackGuardFiles({ program, api, printer }: Tool): void {
  withStatementOptions(
    program
      .command('pack <file>')
      .description('write a guard file (flat ASCII records) of any document to the standard output; asks nobody'),
  )
    .requiredOption('--sender <name>', 'a name that no other sender has, such as a domain of yours; always the same')
    .action((file: string, given: Record<string, unknown>) =>
      printer.guard(async () => {
        const { text, records, leftOut } = await pack(file, String(given.sender), await allParameters(given));
        process.stdout.write(text);
        printer.progress(`${file}: ${records} records`);
        for (const [why, items] of Object.entries(leftOut)) printer.progress(`  left out: ${items} × ${why}`);
      }),
    );
  program
    .command('check <file>')
    .description('look at a guard file as a guard does, and say what is in it; asks nobody')
    .action((file: string) =>
      printer.guard(async () => {
        const { source } = await fileSource(file);
        const { head, items, retractions } = await checkGuardFile(source);
        const statement = Object.entries(head.statement ?? {}).map(([name, value]) => `  ${name}: ${String(value)}`);
        printer.answer({ ...head, items, retractions }, [
          `${file}: a guard file, ${items} items, ${retractions} taken back${head.tlp ? `, TLP:${head.tlp.toUpperCase()}` : ''}`,
          `  ${head.id} of ${head.sender}, made at ${head.made_at}`,
          ...statement,
        ]);
      }),
    );
  program
    .command('receipt <submission>')
    .description('state, counts and refusals of a submission as flat records of ASCII, for the way back')
    .action((id: string) =>
      printer.guard(async () => {
        const story = await api.intake<Story>('GET', `/v1/submissions/${encodeURIComponent(id)}`);
        process.stdout.write(`${receiptLines(story).join('\n')}\n`);
      }),
    );
}
