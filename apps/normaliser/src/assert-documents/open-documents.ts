import { draftOfParameters, readSubmissionParameters, type SubmissionParameters } from '#libs/events';
import { formatById, type DeclaredAdvisory, type ReadOptions } from '#libs/formats';
import { fault, type HoldReason, type RowIds, type Tlp } from '#libs/domain';
import type { DecisionContext } from '../decide-items/decide-statement.js';
import { ItemDecider } from '../decide-items/item-decider.js';
import type { Job } from '../job.js';
import type { Flood } from '../notice-floods/floods.js';
import type { Agency, DirectoryReader } from '../read-directory/directory-snapshot.js';
import type { DocumentReader, DocumentReaders } from '../read-documents/document-readers.js';
import type { JobParameters } from '../read-documents/job-parameters.js';
import type { DocumentBytes, IdentifiedBatch, IdentifiedItem } from '../read-documents/reader-messages.js';
import type { ChunkPace, ChunkPaces } from '../work-through-jobs/chunk-pace.js';

/** A document that is being worked through, as kept in memory between chunks. */
export interface OpenDocument {
  reader: DocumentReader;
  parameters: SubmissionParameters;
  declared: Map<string, DeclaredAdvisory>;
  /** The batch that was read but not yet committed; undefined at the end. */
  batch?: IdentifiedBatch;
  ended: boolean;
}

/** A document at the chunk that it was opened or committed up to. */
interface Place {
  pass: number;
  chunks: number;
  document: Promise<OpenDocument>;
  /** The document with its next batch read; absent until somebody asks for it. */
  ready?: Promise<OpenDocument>;
  opened?: OpenDocument;
}

/** Items that a preview reads at once. */
const PREVIEWED_AT_ONCE = 1000;
/** Documents kept open; the least recently used are closed and opened again at their checkpoint. */
const MOST_OPEN = 8;

/** What the parameters of a submission say to a reader. */
function readOptions(parameters: SubmissionParameters): Omit<ReadOptions, 'batchSize'> {
  return {
    signalType: parameters.signal_type,
    columns: parameters.columns,
    delimiter: parameters.delimiter,
  };
}

/** Opens documents of jobs and keeps them open between chunks. */
export class OpenDocuments {
  private readonly open = new Map<string, Place>();

  constructor(
    private readonly readers: DocumentReaders,
    private readonly directoryReader: DirectoryReader,
    private readonly parameters: JobParameters,
    private readonly paces: ChunkPaces,
    private readonly highestTlp: Tlp,
    private readonly rowIds: RowIds,
  ) {}

  /** The document of a job with its next batch read, however long that takes. */
  at(job: Job): Promise<OpenDocument> {
    let place = this.open.get(job.submissionId);
    if (place && (place.pass !== job.pass || place.chunks !== job.chunks)) {
      this.forget(job.submissionId);
      place = undefined;
    }
    place ??= this.begin(job);
    this.open.delete(job.submissionId);
    this.open.set(job.submissionId, place);
    if (!place.ready) {
      place.ready = place.document.then((document) => readOn(job, document));
      place.ready.catch(() => undefined);
    }
    return place.ready;
  }

  /** How long chunks of this job's format may be. */
  pace(job: Pick<Job, 'format'>): ChunkPace {
    return this.paces.of(job.format);
  }

  /** The batch was committed: the next chunk reads on. */
  committed(submissionId: string): void {
    const place = this.open.get(submissionId);
    if (!place?.opened) return;
    place.opened.batch = undefined;
    place.chunks += 1;
    place.ready = undefined;
  }

  forget(submissionId: string): void {
    const place = this.open.get(submissionId);
    this.open.delete(submissionId);
    place?.document.then(({ reader }) => reader.close()).catch(() => undefined);
  }

  /**
   * One item of a document, with what was declared by then. The document is read up to it.
   * @throws rejections, among them `TOC_SUBMISSION_PURGED`
   */
  async itemAt(
    job: Job,
    position: number,
  ): Promise<Pick<OpenDocument, 'declared' | 'parameters'> & { item: IdentifiedItem }> {
    const document = await this.openAt({ ...job, checkpoint: null });
    try {
      for (let batch = await document.reader.next(); batch; batch = await document.reader.next()) {
        for (const item of batch.items) {
          if (item.kind === 'advisory') document.declared.set(item.ref, item);
          else if (item.position === position) return { ...document, item };
        }
      }
    } finally {
      document.reader.close();
    }
    throw fault('a document does not have an item that it had before');
  }

  /** The rules by which items of this submission are decided, as the directory stands now. */
  async decider(
    job: Pick<Job, 'agencyId' | 'receivedAt'> & { released?: readonly HoldReason[] },
    parameters: SubmissionParameters,
    noticeFlood: (agency: Agency) => Promise<Flood | undefined> = () => Promise.resolve(undefined),
  ): Promise<ItemDecider> {
    let directory = await this.directoryReader.read();
    // It may have been admitted a moment ago.
    if (!directory.agency(job.agencyId)) directory = await this.directoryReader.readAnew();
    const agency = directory.agency(job.agencyId);
    if (!agency) throw fault('the agency of a submission is not in the directory');
    const context: DecisionContext = {
      directory,
      agency,
      spoken: draftOfParameters(parameters),
      channels: parameters.channels,
      drill: parameters.drill ?? false,
      askFirst: parameters.ask_first ?? false,
      receivedAt: job.receivedAt,
      highestTlp: this.highestTlp,
      released: new Set(job.released),
      rowIds: this.rowIds,
      flood: await noticeFlood(agency),
    };
    return new ItemDecider(context);
  }

  /** For a preview: a document whose bytes are already here. */
  openInline(format: string, bytes: Uint8Array, parameters: SubmissionParameters): DocumentReader {
    return this.readers.expect(0, { inline: bytes }).open(format, readOptions(parameters), () => PREVIEWED_AT_ONCE);
  }

  private begin(job: Job): Place {
    for (const [oldest] of this.open) {
      if (this.open.size < MOST_OPEN) break;
      this.forget(oldest);
    }
    const place: Place = { pass: job.pass, chunks: job.chunks, document: this.openAt(job) };
    place.document.then((document) => (place.opened = document)).catch(() => undefined);
    return place;
  }

  private async openAt(job: Job): Promise<OpenDocument> {
    const from = job.checkpoint?.at === 'document' ? job.checkpoint.from : undefined;
    // A document of objects is read from its start again, because advisories declared early speak for later items.
    const resumesAt = from && formatById(job.format).positionUnit !== 'object' ? from : undefined;
    const bytes: DocumentBytes = { submissionId: job.submissionId, size: job.bytes };
    // Asked for together, because each takes a while: the bytes, the parameters, and the directory for the decisions.
    const expected = this.readers.expect(job.lane, bytes, resumesAt?.byte);
    this.directoryReader.read().catch(() => undefined);
    try {
      const parameters = readSubmissionParameters(await this.parameters.of(job));
      const options = { ...readOptions(parameters), ...(resumesAt ? { from: resumesAt } : {}) };
      const pace = this.pace(job);
      const reader = expected.open(job.format, options, () => pace.items);
      return { reader, parameters, declared: new Map(), ended: false };
    } catch (thrown) {
      expected.drop();
      throw thrown;
    }
  }
}

/** Reads to the next batch that has something new, or to the end. */
async function readOn(job: Job, document: OpenDocument): Promise<OpenDocument> {
  const from = job.checkpoint?.at === 'document' ? job.checkpoint.from : undefined;
  while (!document.batch && !document.ended) {
    const batch = await document.reader.next();
    if (!batch) {
      document.ended = true;
      break;
    }
    if (batch.last) document.ended = true;
    for (const item of batch.items) if (item.kind === 'advisory') document.declared.set(item.ref, item);
    if (from && batch.next.position <= from.position) continue;
    const items = from
      ? batch.items.filter((item) => item.kind === 'advisory' || item.position > from.position)
      : batch.items;
    document.batch = { items, next: batch.next };
  }
  return document;
}
