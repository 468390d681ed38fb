import { Worker } from 'node:worker_threads';
import { fault, TocsinError, transient } from '#libs/domain';
import type { ReadOptions } from '#libs/formats';
import type {
  DocumentBytes,
  IdentifiedBatch,
  ReaderAnswer,
  ReaderRequest,
  ReadingThreadSettings,
} from './reader-messages.js';

/** Batches of one document, in order, read ahead by one. */
export class DocumentReader {
  private ahead: Promise<IdentifiedBatch | undefined>;

  constructor(
    private readonly pull: () => Promise<IdentifiedBatch | undefined>,
    private readonly drop: () => void,
  ) {
    this.ahead = this.readAhead();
  }

  /**
   * The next batch; undefined at the end.
   * @throws a rejection when the document as a whole cannot be read, a transient error when its bytes cannot be had
   */
  async next(): Promise<IdentifiedBatch | undefined> {
    const batch = await this.ahead;
    if (batch?.last) this.ahead = Promise.resolve(undefined);
    else if (batch) this.ahead = this.readAhead();
    return batch;
  }

  close(): void {
    this.drop();
  }

  private readAhead(): Promise<IdentifiedBatch | undefined> {
    const batch = this.pull();
    batch.catch(() => undefined);
    return batch;
  }
}

type Waiting = { resolve: (batch: IdentifiedBatch | undefined) => void; reject: (thrown: unknown) => void };

/** One thread that reads documents. It is started again when it dies; its readers then fail and are opened anew. */
class ReadingThread {
  private worker?: Worker;
  private readonly waiting = new Map<number, Waiting[]>();

  constructor(
    private readonly settings: ReadingThreadSettings,
    private readonly entry: URL,
  ) {}

  /** Has the thread load what it needs, which takes a second, before anybody waits for it. */
  start(): void {
    this.running();
  }

  send(request: ReaderRequest): void {
    this.running().postMessage(request);
  }

  pull(reader: number, most: number): Promise<IdentifiedBatch | undefined> {
    return new Promise((resolve, reject) => {
      const queue = this.waiting.get(reader) ?? [];
      queue.push({ resolve, reject });
      this.waiting.set(reader, queue);
      this.send({ op: 'pull', reader, most });
    });
  }

  drop(reader: number): void {
    const closed = transient('TOC_PEER_UNAVAILABLE', 'the document was closed and has to be opened again');
    for (const { reject } of this.waiting.get(reader) ?? []) reject(closed);
    this.waiting.delete(reader);
    this.worker?.postMessage({ op: 'close', reader } satisfies ReaderRequest);
  }

  async stop(): Promise<void> {
    await this.worker?.terminate();
  }

  private running(): Worker {
    if (this.worker) return this.worker;
    const worker = new Worker(this.entry, {
      workerData: this.settings,
      resourceLimits: { maxOldGenerationSizeMb: 144, maxYoungGenerationSizeMb: 8 },
    });
    worker.on('message', (answer: ReaderAnswer) => this.settle(answer));
    worker.on('error', (error) => this.failAll(fault('the reading thread died', error)));
    worker.on('exit', () => {
      this.worker = undefined;
      this.failAll(fault('the reading thread ended'));
    });
    this.worker = worker;
    return worker;
  }

  private settle(answer: ReaderAnswer): void {
    const waiting = this.waiting.get(answer.reader)?.shift();
    if (!waiting) return;
    if ('batch' in answer) waiting.resolve(answer.batch);
    else if ('end' in answer) waiting.resolve(undefined);
    else if ('failed' in answer)
      waiting.reject(new TocsinError(answer.failed.code, answer.failed.detail, answer.failed.facts));
    else waiting.reject(fault('a format failed to read a document', new Error(answer.broken)));
  }

  private failAll(error: TocsinError): void {
    for (const queue of this.waiting.values()) for (const { reject } of queue) reject(error);
    this.waiting.clear();
  }
}

/** A document whose bytes are on their way; it is opened or dropped. */
export class ExpectedDocument {
  constructor(
    private readonly thread: ReadingThread,
    private readonly reader: number,
  ) {}

  /** @param most items that the next batch may have, asked anew for each */
  open(format: string, options: Omit<ReadOptions, 'batchSize'>, most: () => number): DocumentReader {
    const { thread, reader } = this;
    thread.send({ op: 'open', reader, format, options: { ...options, batchSize: most() } });
    return new DocumentReader(
      () => thread.pull(reader, most()),
      () => thread.drop(reader),
    );
  }

  drop(): void {
    this.thread.drop(this.reader);
  }
}

/** Opens documents for reading; urgent ones have a thread of their own. Both start with the service. */
export class DocumentReaders {
  private nextReader = 1;
  private readonly urgent: ReadingThread;
  private readonly ordinary: ReadingThread;

  /** @param entry the built module of the reading thread */
  constructor(settings: ReadingThreadSettings, entry = new URL('./reading-thread.js', import.meta.url)) {
    this.urgent = new ReadingThread(settings, entry);
    this.ordinary = new ReadingThread(settings, entry);
    this.urgent.start();
    this.ordinary.start();
  }

  /**
   * Has the bytes of a document fetched while it is not known yet how they are to be read.
   * @param fromByte where reading will most likely begin
   */
  expect(lane: 0 | 1, bytes: DocumentBytes, fromByte = 0): ExpectedDocument {
    const thread = lane === 0 ? this.urgent : this.ordinary;
    const reader = this.nextReader++;
    thread.send({ op: 'expect', reader, bytes, fromByte });
    return new ExpectedDocument(thread, reader);
  }

  async stop(): Promise<void> {
    await Promise.all([this.urgent.stop(), this.ordinary.stop()]);
  }
}
