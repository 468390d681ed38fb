import { TocsinError, type RejectionCode } from '#libs/domain';
import { openContainer } from '../open-container.js';
import type { OpeningAnswer, OpeningOrder } from './child-messages.js';

/*
 * The process in which one container is opened: the order and the bytes come in on its standard input, what was inside
 * goes out on its standard output, then it ends. It may read its own program and nothing else.
 */

// Nothing here asks anybody; whatever a library might try finds nothing to try it with.
for (const way of ['fetch', 'WebSocket', 'EventSource', 'XMLHttpRequest']) Reflect.deleteProperty(globalThis, way);

async function readAll(): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of process.stdin as AsyncIterable<Buffer>) pieces.push(piece);
  return Buffer.concat(pieces);
}

function answerOf(thrown: unknown): OpeningAnswer {
  if (thrown instanceof TocsinError && thrown.family === 'rejection') {
    const { code, detail, facts } = thrown;
    return { rejected: { code: code as RejectionCode, detail, facts } };
  }
  return { broken: true };
}

async function open(): Promise<Buffer[]> {
  const input = await readAll();
  const end = input.indexOf(10);
  const { said, limits } = JSON.parse(input.toString('utf8', 0, end)) as OpeningOrder;
  try {
    const opened = await openContainer(input.subarray(end + 1), said, limits);
    const { container, dropped, droppedMore, aside } = opened;
    const documents = opened.documents.map(({ bytes, ...told }) => ({ ...told, bytes: bytes.length }));
    const answer: OpeningAnswer = {
      opened: { container, documents, dropped, droppedMore, asideBytes: aside.length },
    };
    return [line(answer), aside, ...opened.documents.map(({ bytes }) => Buffer.from(bytes))];
  } catch (thrown) {
    return [line(answerOf(thrown))];
  }
}

function line(answer: OpeningAnswer): Buffer {
  return Buffer.from(`${JSON.stringify(answer)}\n`);
}

const pieces = await open();
for (const piece of pieces) {
  await new Promise<void>((resolve) => {
    process.stdout.write(piece, () => resolve());
  });
}
process.exit(0);
