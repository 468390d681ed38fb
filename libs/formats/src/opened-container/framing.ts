import { rejection } from '#libs/domain';
import type { ByteSource } from '../format.js';

/** A document taken out of a container, in a format that is read. */
export interface FramedDocument {
  /** Id of its format. */
  format: string;
  bytes: Uint8Array;
  /** How many positions it may need: at least as many as it has lines or objects. */
  positions: number;
}

/** Where a framed document lies, and from which position on its items are counted. */
export interface Frame {
  format: string;
  /** First byte of the document. */
  start: number;
  /** Length in bytes. */
  bytes: number;
  /** What is added to the positions of its own. */
  positionsBefore: number;
}

/** How a framing begins, so that nothing else is taken for one. */
const MARK = '{"opened_container":1,';
/** Most documents of a framing. */
export const MOST_FRAMED = 512;
/** More than a heading of the most documents needs, in bytes. */
const LONGEST_HEADING = 64 * 1024;
const FORMAT_ID = /^[a-z][a-z0-9-]{0,40}$/;

/** Whether a document begins as a framing does. */
export function beginsAsFraming(head: Uint8Array): boolean {
  return Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, MARK.length)).toString('latin1') === MARK;
}

/**
 * Writes documents one behind the other, under a line of JSON that says where each lies. A line end follows each, so
 * that no line of one runs into the next.
 */
export function frameDocuments(documents: readonly FramedDocument[]): Buffer {
  const told = documents.map(({ format, bytes, positions }) => ({ format, bytes: bytes.length, positions }));
  const heading = `${MARK}"documents":${JSON.stringify(told)}}\n`;
  return Buffer.concat([Buffer.from(heading), ...documents.flatMap(({ bytes }) => [bytes, Buffer.from('\n')])]);
}

async function headingOf(source: ByteSource): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of source.open()) {
    const end = piece.indexOf(10);
    pieces.push(end < 0 ? piece : piece.subarray(0, end));
    if (end >= 0) return Buffer.concat(pieces).toString('utf8');
    size += piece.length;
    if (size > LONGEST_HEADING) return undefined;
  }
  return undefined;
}

const isCount = (value: unknown, most: number): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= most;

const malformed = (): Error =>
  rejection('TOC_SUBMISSION_MALFORMED', 'the heading of an opened container does not say where its documents lie', {
    byte: 0,
  });

function parsed(heading: string): unknown {
  try {
    return (JSON.parse(heading) as { documents?: unknown }).documents;
  } catch {
    throw malformed();
  }
}

/**
 * Reads where the documents of a framing lie.
 * @throws a rejection `TOC_SUBMISSION_MALFORMED`
 */
export async function readFrames(source: ByteSource): Promise<Frame[]> {
  const heading = await headingOf(source);
  if (heading === undefined || !heading.startsWith(MARK)) throw malformed();
  const documents = parsed(heading);
  if (!Array.isArray(documents) || documents.length === 0 || documents.length > MOST_FRAMED) throw malformed();
  let start = Buffer.byteLength(heading) + 1;
  let positionsBefore = 0;
  const frames = documents.map((document: { format?: unknown; bytes?: unknown; positions?: unknown } | null): Frame => {
    const { format, bytes, positions } = document ?? {};
    if (typeof format !== 'string' || !FORMAT_ID.test(format)) throw malformed();
    if (!isCount(bytes, source.size) || !isCount(positions, source.size + 1)) throw malformed();
    const frame = { format, start, bytes, positionsBefore };
    start += bytes + 1;
    positionsBefore += positions;
    return frame;
  });
  if (start !== source.size) throw malformed();
  return frames;
}

/** The bytes of one framed document as a source of its own. */
export function sourceOfFrame(source: ByteSource, { start, bytes }: Frame): ByteSource {
  return {
    size: bytes,
    async *open(fromByte = 0) {
      let left = bytes - fromByte;
      if (left <= 0) return;
      for await (const piece of source.open(start + fromByte)) {
        yield piece.length > left ? piece.subarray(0, left) : piece;
        left -= piece.length;
        if (left <= 0) return;
      }
    },
  };
}
