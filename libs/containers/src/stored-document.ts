import { fault } from '#libs/domain';
import { frameDocuments } from '#libs/formats';
import type { DroppedThing } from './contents.js';
import type { OpenedContainer } from './open-container.js';

/** The format under which several documents are stored as one. */
const FRAMING = 'opened-container';

/** What a receipt tells of a container that was opened. */
export interface ToldContents {
  /** Id of the container. */
  container: string;
  /** What is read, and which positions of the submission belong to it. */
  documents: { name: string; format: string; positions: { from: number; to: number } }[];
  /** What was not kept. */
  dropped: DroppedThing[];
  /** How many more were dropped than are named. */
  dropped_more?: number;
}

/** What is stored of a container: one document, and what is told of it. */
export interface StoredDocument {
  format: string;
  document: Buffer;
  contents: ToldContents;
}

/** Makes one document of all: a single one as it is, several in a frame. */
export function storedDocument(opened: OpenedContainer): StoredDocument {
  const { container, documents, dropped, droppedMore } = opened;
  const [only] = documents;
  if (!only) throw fault('a container without documents was opened');
  let before = 0;
  const told = documents.map(({ name, format, positions }) => {
    const from = before + 1;
    before += positions;
    return { name, format, positions: { from, to: before } };
  });
  return {
    format: documents.length === 1 ? only.format : FRAMING,
    document: documents.length === 1 ? viewOf(only.bytes) : frameDocuments(documents),
    contents: { container, documents: told, dropped, ...(droppedMore > 0 ? { dropped_more: droppedMore } : {}) },
  };
}

/** The same bytes, not a copy. */
function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}
