import { Readable } from 'node:stream';
import {
  mayBeContainer,
  openInChild,
  OPENING_LIMITS,
  storedDocument,
  type SaidBeside,
  type ToldContents,
} from '#libs/containers';
import { rejection, TocsinError } from '#libs/domain';
import { readSubmissionParameters } from '#libs/events';
import { detectFormat, type ByteSource, type ReadItem, type ReadOptions } from '#libs/formats';
import { Refusal } from '../call-exchange/exchange-api.js';
import type { Tool } from '../call-exchange/tool.js';
import { contentsLines } from '../follow-submission/story-lines.js';
import { fileSource, HEAD_BYTES } from '../read-files/file-source.js';
import { mediaTypeOf } from '../submit-files/document-upload.js';
import { parametersOf } from '../submit-files/statement-options.js';

interface Inspected {
  file: string;
  format: string;
  told_by: string;
  signals: { position: number; type: string; value: string; quality?: number }[];
  rejected: { position: number; code: string; detail: string }[];
  ignored: Record<string, number>;
  advisories: { ref: string; bulletin: boolean }[];
  revocations: { position: number }[];
  forbidden: { position: number; code: string; detail: string }[];
  counts: { items: number; signals: number; rejected: number; ignored: number };
  problem?: { code: string; detail: string };
  /** Of a container. */
  contents?: ToldContents;
}

const BATCH = 1000;

/** What is in a container, opened within the same limits as by intake. */
async function openedFile(
  file: ByteSource,
  said: SaidBeside,
): Promise<{ source: ByteSource; head: Uint8Array; format: string; contents: ToldContents }> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of file.open()) {
    size += piece.length;
    if (size > OPENING_LIMITS.containerBytes) {
      throw rejection('TOC_SUBMISSION_TOO_LARGE', 'the container is larger than one that is opened');
    }
    pieces.push(piece);
  }
  const { document, format, contents } = storedDocument(await openInChild(Buffer.concat(pieces), said));
  const source: ByteSource = {
    size: document.length,
    open: (fromByte = 0) => Readable.from(fromByte < document.length ? [document.subarray(fromByte)] : []),
  };
  return { source, head: document.subarray(0, HEAD_BYTES), format, contents };
}

function take(inspected: Inspected, item: ReadItem): void {
  if (item.kind === 'advisory') {
    inspected.advisories.push({ ref: item.ref, bulletin: item.bulletin !== undefined });
    return;
  }
  inspected.counts.items += 1;
  if (item.kind === 'candidate') {
    for (const { type, value, quality } of item.signals)
      inspected.signals.push({ position: item.position, type, value, quality });
    inspected.counts.signals += item.signals.length;
  } else if (item.kind === 'rejected') {
    inspected.rejected.push({ position: item.position, code: item.code, detail: item.detail });
    inspected.counts.rejected += 1;
  } else if (item.kind === 'ignored') {
    inspected.ignored[item.what] = (inspected.ignored[item.what] ?? 0) + 1;
    inspected.counts.ignored += 1;
  } else if (item.kind === 'revocation') inspected.revocations.push({ position: item.position });
  else inspected.forbidden.push({ position: item.position, code: item.code, detail: item.detail });
}

/** What the readers and canonicalisers make of a file, without asking anybody. */
async function inspect(file: string, given: Record<string, unknown>): Promise<Inspected> {
  const { format: id, columns, delimiter, signal_type: signalType } = readSubmissionParameters(parametersOf(given));
  const read = await fileSource(file);
  const mediaType = mediaTypeOf(file);
  const said = { format: id, ...(mediaType === undefined ? {} : { mediaType }), hasColumns: columns !== undefined };
  const opened = mayBeContainer(read.head, said) ? await openedFile(read.source, said) : undefined;
  const { source, head } = opened ?? read;
  const { format, by } = detectFormat(head, {
    id: opened?.format ?? id,
    fileName: file.replace(/\.gz$/, ''),
  });
  const inspected: Inspected = {
    file,
    format: format.id,
    told_by: opened ? 'bytes' : by,
    ...(opened ? { contents: opened.contents } : {}),
    signals: [],
    rejected: [],
    ignored: {},
    advisories: [],
    revocations: [],
    forbidden: [],
    counts: { items: 0, signals: 0, rejected: 0, ignored: 0 },
  };
  const options: ReadOptions = { batchSize: BATCH, signalType, columns, delimiter };
  try {
    for await (const batch of format.read(source, options)) for (const item of batch.items) take(inspected, item);
  } catch (thrown) {
    if (!(thrown instanceof TocsinError) || thrown.family === 'fault') throw thrown;
    inspected.problem = { code: thrown.code, detail: thrown.detail };
  }
  return inspected;
}

function lines(inspected: Inspected): string[] {
  const { counts, signals, rejected, ignored, problem } = inspected;
  return [
    `${inspected.file}: ${inspected.format} (told by ${inspected.told_by}), ${counts.items} items, ${counts.signals} signals, ${counts.rejected} rejected, ${counts.ignored} ignored`,
    ...contentsLines(inspected.contents),
    ...(problem ? [`refused as a whole: ${problem.code}: ${problem.detail}`] : []),
    ...signals.map(
      ({ position, type, value, quality }) =>
        `  ${position}\t${type}\t${value}${quality === undefined ? '' : `\tquality ${quality}`}`,
    ),
    ...rejected.map(({ position, code, detail }) => `  ${position}\trejected\t${code}\t${detail}`),
    ...inspected.forbidden.map(({ position, code, detail }) => `  ${position}\tforbidden\t${code}\t${detail}`),
    ...Object.entries(ignored).map(([what, count]) => `  ignored: ${count} × ${what}`),
  ];
}

/** `tocsin inspect FILE`: offline. */
export function addInspect({ program, printer }: Tool): void {
  program
    .command('inspect <file>')
    .description(
      'show what the readers make of a file: each signal and each refusal with its position; asks nobody. Intake also looks for media and for markings above its level, and refuses the whole for them: that is not done here, but by preview',
    )
    .option('--format <id>', 'the format, when it should not be told from the bytes')
    .option('--signal-type <type>', 'the type of bare values')
    .option('--columns <names>', 'the columns of a table, as value=NAME,type=NAME,quality=NAME')
    .option('--delimiter <character>', 'column delimiter')
    .action((file: string, given: Record<string, unknown>) =>
      printer.guard(async () => {
        const inspected = await inspect(file, given).catch((thrown: unknown) => {
          if (thrown instanceof TocsinError || thrown instanceof Refusal) throw thrown;
          throw new Refusal({ status: 0, detail: `${file} cannot be read.` });
        });
        printer.answer(inspected, lines(inspected));
        if (inspected.problem) process.exitCode = 1;
      }),
    );
}
