import { rejection, TocsinError } from '#libs/domain';
import { detectFormat, formatById, type FramedDocument } from '#libs/formats';
import type { DroppedThing, OpenedDocument } from './contents.js';
import { OPENING_LIMITS, type OpeningLimits } from './limits.js';
import { Opening } from './opening.js';
import { isContainerId, recogniseContainer } from './recognise-container.js';

/** Formats of which a sheet may be. */
const LISTS: ReadonlySet<string> = new Set(['csv-list', 'value-list']);

/** What the sender said beside a container. */
export interface SaidBeside {
  mediaType?: string;
  /** Id of the format of the documents in it, or of the container itself. */
  format?: string;
  /** Whether columns of tables were named. */
  hasColumns?: boolean;
}

/** A document of a container in the format in which it is read. */
export interface NamedDocument extends FramedDocument {
  name: string;
}

/** What was in a container. */
export interface OpenedContainer {
  /** Id of the container. */
  container: string;
  documents: NamedDocument[];
  dropped: DroppedThing[];
  /** How many more things were dropped than are named. */
  droppedMore: number;
  /** Text that is looked at for markings and is not kept. */
  aside: Buffer;
}

/**
 * Opens a container in memory. To be called in a process of its own (see {@link openInChild}): the bytes are anybody's.
 * @throws rejections `TOC_SUBMISSION_CONTAINER`, `TOC_SUBMISSION_TOO_LARGE`, `TOC_SUBMISSION_FORMAT`
 */
export async function openContainer(
  bytes: Buffer,
  said: SaidBeside = {},
  limits: OpeningLimits = OPENING_LIMITS,
): Promise<OpenedContainer> {
  const format = said.format !== undefined && !isContainerId(said.format) ? formatById(said.format).id : undefined;
  const isNamed = said.hasColumns === true || (format !== undefined && format !== 'text');
  const isTable = (csv: Buffer): boolean => isNamed || LISTS.has(toldBy(csv, '') ?? '');
  const opening = new Opening(limits, recogniseContainer, isTable);
  const container = await recogniseContainer(bytes, said.mediaType);
  if (!container) throw rejection('TOC_SUBMISSION_FORMAT', 'the container is of no kind that is opened');
  await opening.within('', () => container.open(bytes, opening));
  const documents: NamedDocument[] = [];
  for (const document of opening.documents) {
    const named = inItsFormat(document, { ...said, format });
    if (named) documents.push(named);
    else opening.drop(document.name, 'format-unknown', document.text);
  }
  const { dropped, droppedMore, aside } = opening;
  if (documents.length === 0) throw nothingToRead(dropped);
  return { container: container.id, documents, dropped, droppedMore, aside };
}

function nothingToRead(dropped: readonly DroppedThing[]): Error {
  const kinds = [...new Set(dropped.map(({ kind }) => kind))].sort();
  const found = kinds.length > 0 ? `, only ${kinds.join(', ')}` : '';
  return rejection('TOC_SUBMISSION_CONTAINER', `the container holds nothing that can be read${found}`, {
    why: 'nothing',
    dropped: kinds,
  });
}

/** A document in the format that was named, or that its bytes tell; undefined when they tell none. */
function inItsFormat(document: OpenedDocument, said: SaidBeside): NamedDocument | undefined {
  const { name, kind, text } = document;
  if (kind === 'prose') return named(name, 'text', text);
  if (said.format !== undefined && said.format !== 'text') return named(name, said.format, text);
  const told = kind === 'sheet' && said.hasColumns ? 'csv-list' : toldBy(text, name);
  return told === undefined ? undefined : named(name, told, text);
}

function toldBy(text: Buffer, name: string): string | undefined {
  try {
    const { format } = detectFormat(text, { fileName: name.split(' › ').at(-1) });
    return format.isInternal ? undefined : format.id;
  } catch (thrown) {
    if (thrown instanceof TocsinError && thrown.family === 'rejection') return undefined;
    throw thrown;
  }
}

function named(name: string, format: string, bytes: Buffer): NamedDocument {
  // Objects are counted by what begins them; there may be fewer.
  const sign = formatById(format).positionUnit === 'object' ? 0x7b : 0x0a;
  let positions = 1;
  for (let at = bytes.indexOf(sign); at >= 0; at = bytes.indexOf(sign, at + 1)) positions += 1;
  return { name, format, bytes, positions };
}
