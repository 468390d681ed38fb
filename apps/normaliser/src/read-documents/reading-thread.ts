import { parentPort, workerData } from 'node:worker_threads';
import { InternalSigner, KeyRing, PeerClient } from '#libs/access/threads';
import { RowIds, TocsinError, type RejectionCode, type TransientCode } from '#libs/domain';
import { formatById, type ByteSource, type ReadBatch, type ReadOptions } from '#libs/formats';
import type { IdentifiedBatch, ReaderAnswer, ReaderRequest, ReadingThreadSettings } from './reader-messages.js';
import { InlineBytes, SubmissionBytes } from './submission-bytes.js';

/*
 * Parsing runs here, off the event loop of the service. One thread serves many readers; each yields a batch when it is
 * asked for one, so a reader that nobody asks costs nothing and memory stays bounded.
 */

const settings = workerData as ReadingThreadSettings;
const port = parentPort;
if (!port) throw new Error('the reading thread runs as a worker thread');
const intake = new PeerClient(settings.intakeUrl, 'intake', InternalSigner.open(settings.keysDir, 'normaliser'));
const rowIds = new RowIds(KeyRing.open(settings.keysDir, 'signal-id').newest().bytes);
const expected = new Map<number, ByteSource>();
const readers = new Map<number, OpenReader>();

interface OpenReader {
  batches: AsyncIterator<ReadBatch>;
  options: ReadOptions;
  /** What came after a batch that was not full. */
  following?: IteratorResult<ReadBatch>;
}

function expect({ reader, bytes, fromByte }: Extract<ReaderRequest, { op: 'expect' }>): void {
  const source =
    'inline' in bytes
      ? new InlineBytes(bytes.inline)
      : new SubmissionBytes(
          bytes.size,
          (seq) => intake.bytes('GET', `/internal/submissions/${bytes.submissionId}/parts/${seq}`),
          fromByte,
        );
  expected.set(reader, source);
}

function open(request: Extract<ReaderRequest, { op: 'open' }>): void {
  const source = expected.get(request.reader);
  expected.delete(request.reader);
  // Expected by a thread that died: the next pull says so.
  if (!source) return;
  const options = { ...request.options };
  const batches = formatById(request.format).read(source, options)[Symbol.asyncIterator]();
  readers.set(request.reader, { batches, options });
}

function identify({ items, next }: ReadBatch): IdentifiedBatch {
  return {
    items: items.map((item) =>
      item.kind === 'candidate'
        ? {
            ...item,
            signals: item.signals.map((signal) => ({ ...signal, id: rowIds.ofSignal(signal.type, signal.value) })),
          }
        : item,
    ),
    next,
  };
}

async function pull(reader: number, most: number): Promise<ReaderAnswer> {
  const open = readers.get(reader);
  // A reader that this thread does not know belonged to one that died: never to be taken for the end of the document.
  if (!open) {
    return {
      reader,
      failed: { code: 'TOC_PEER_UNAVAILABLE', detail: 'the document has to be opened again', facts: {} },
    };
  }
  try {
    open.options.batchSize = most;
    const result = open.following ?? (await open.batches.next());
    open.following = undefined;
    if (result.done) return { reader, end: true };
    const batch = identify(result.value);
    // A batch that is not full is most likely the last: whoever knows that ends the document with it.
    if (batch.items.length < most) open.following = await open.batches.next();
    return { reader, batch: { ...batch, last: open.following?.done } };
  } catch (thrown) {
    readers.delete(reader);
    if (thrown instanceof TocsinError && thrown.family !== 'fault') {
      return {
        reader,
        failed: { code: thrown.code as RejectionCode | TransientCode, detail: thrown.detail, facts: thrown.facts },
      };
    }
    return { reader, broken: thrown instanceof Error ? (thrown.stack ?? thrown.message) : 'unknown' };
  }
}

port.on('message', (request: ReaderRequest) => {
  if (request.op === 'expect') expect(request);
  else if (request.op === 'open') open(request);
  else if (request.op === 'pull') void pull(request.reader, request.most).then((answer) => port.postMessage(answer));
  else {
    void readers.get(request.reader)?.batches.return?.();
    readers.delete(request.reader);
    expected.delete(request.reader);
  }
});
