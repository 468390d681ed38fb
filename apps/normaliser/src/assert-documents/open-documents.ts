import { draftOfParameters, readSubmissionParameters, type SubmissionParameters } from '#libs/events';
import { formatById, type DeclaredAdvisory, type ReadOptions } from '#libs/formats';
import { fault, type Tlp } from '#libs/domain';
import type { DecisionContext } from '../decide-items/decide-statement.js';
import { ItemDecider } from '../decide-items/item-decider.js';
import type { Job } from '../job.js';
import type { ExchangeReader } from '../read-directory/exchange.js';
import type { DocumentReader, DocumentReaders } from '../read-documents/document-readers.js';
import type { JobParameters } from '../read-documents/job-parameters.js';
import type { DocumentBytes, IdentifiedBatch } from '../read-documents/reader-messages.js';

/** A document that is being worked through, as kept in memory between chunks. */
export interface OpenDocument {
  reader: DocumentReader;
  parameters: SubmissionParameters;
  declared: Map<string, DeclaredAdvisory>;
  /** The batch that was read but not yet committed; undefined at the end. */
  batch?: IdentifiedBatch;
  ended: boolean;
  pass: number;
  chunks: number;
}

/** Documents kept open; the least recently used are closed and opened again at their checkpoint. */
const MOST_OPEN = 8;

/** What the parameters of a submission say to a reader. */
export function readOptions(parameters: SubmissionParameters, batchSize: number): ReadOptions {
  return {
    batchSize,
    signalType: parameters.signal_type,
    columns: parameters.columns,
    delimiter: parameters.delimiter,
  };
}

/** Opens documents of jobs and keeps them open between chunks. */
export class OpenDocuments {
  private readonly open = new Map<string, OpenDocument>();

  constructor(
    private readonly readers: DocumentReaders,
    private readonly exchanges: ExchangeReader,
    private readonly parameters: JobParameters,
    private readonly settings: { chunkItems: number; highestTlp: Tlp },
  ) {}

  /** The document of a job with its next batch read. */
  async at(job: Job): Promise<OpenDocument> {
    let document = this.open.get(job.submissionId);
    if (document && (document.pass !== job.pass || document.chunks !== job.chunks)) {
      this.forget(job.submissionId);
      document = undefined;
    }
    document ??= await this.begin(job);
    this.open.delete(job.submissionId);
    this.open.set(job.submissionId, document);
    while (!document.batch && !document.ended) await this.readOn(job, document);
    return document;
  }

  /** The batch was committed: the next chunk reads on. */
  committed(submissionId: string): void {
    const document = this.open.get(submissionId);
    if (document) {
      document.batch = undefined;
      document.chunks += 1;
    }
  }

  forget(submissionId: string): void {
    this.open.get(submissionId)?.reader.close();
    this.open.delete(submissionId);
  }

  /** The rules by which items of this submission are decided, as the directory stands now. */
  async decider(job: Pick<Job, 'agencyId' | 'receivedAt'>, parameters: SubmissionParameters): Promise<ItemDecider> {
    const exchange = await this.exchanges.read();
    const agency = exchange.agency(job.agencyId);
    if (!agency) throw fault('the agency of a submission is not in the directory');
    const context: DecisionContext = {
      exchange,
      agency,
      spoken: draftOfParameters(parameters),
      channels: parameters.channels,
      drill: parameters.drill ?? false,
      receivedAt: job.receivedAt,
      highestTlp: this.settings.highestTlp,
    };
    return new ItemDecider(context);
  }

  /** For a preview: a document whose bytes are already here. */
  openInline(format: string, bytes: Uint8Array, parameters: SubmissionParameters): DocumentReader {
    return this.readers.open(0, format, { inline: bytes }, readOptions(parameters, this.settings.chunkItems));
  }

  private async begin(job: Job): Promise<OpenDocument> {
    const parameters = readSubmissionParameters(await this.parameters.of(job));
    for (const [oldest] of this.open) {
      if (this.open.size < MOST_OPEN) break;
      this.forget(oldest);
    }
    const from = job.checkpoint?.at === 'document' ? job.checkpoint.from : undefined;
    // A document of objects is read from its start again, because advisories declared early speak for later items.
    const declares = formatById(job.format).positionUnit === 'object';
    const bytes: DocumentBytes = { submissionId: job.submissionId, size: job.bytes };
    const options = { ...readOptions(parameters, this.settings.chunkItems), ...(from && !declares ? { from } : {}) };
    return {
      reader: this.readers.open(job.lane, job.format, bytes, options),
      parameters,
      declared: new Map(),
      ended: false,
      pass: job.pass,
      chunks: job.chunks,
    };
  }

  private async readOn(job: Job, document: OpenDocument): Promise<void> {
    const batch = await document.reader.next();
    if (!batch) {
      document.ended = true;
      return;
    }
    for (const item of batch.items) if (item.kind === 'advisory') document.declared.set(item.ref, item);
    const from = job.checkpoint?.at === 'document' ? job.checkpoint.from : undefined;
    if (!from || batch.next.position > from.position) {
      const items = from
        ? batch.items.filter((item) => item.kind === 'advisory' || item.position > from.position)
        : batch.items;
      document.batch = { items, next: batch.next };
    }
  }
}
