import type { Container, Sample } from './container.js';
import { isZip, listZip } from './zip-archive/zip-archive.js';
import { CONTAINERS } from './registry.js';

/** Entries that are listed to tell what an archive is. */
const LISTED = 4096;
/** Containers whose bytes are text, so that a submitter may mean them to be read as they are. */
const MADE_OF_TEXT: ReadonlySet<string> = new Set(['email', 'html']);

/** A sample of bytes for those who recognise containers. */
function sampleOf(bytes: Uint8Array, mediaType = '', entries?: readonly string[]): Sample {
  const plain = mediaType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  return { head: bytes.subarray(0, 64 * 1024), mediaType: plain, ...(entries ? { entries } : {}) };
}

function first(sample: Sample): Container | undefined {
  return CONTAINERS.find((container) => container.recognises(sample));
}

/**
 * Which container bytes are, with all of them at hand.
 * @returns undefined when they are none
 */
export async function recogniseContainer(bytes: Buffer, mediaType = ''): Promise<Container | undefined> {
  const entries = isZip(bytes) ? await listZip(bytes, LISTED) : undefined;
  return first(sampleOf(bytes, mediaType, entries));
}

/**
 * Whether a document is a container that is opened, by its first bytes. What is made of text is taken as it is when the
 * submitter named the format of a document.
 * @param head the first 64 KiB, or all there is
 */
export function mayBeContainer(head: Uint8Array, said: { mediaType?: string; format?: string } = {}): boolean {
  const container = first(sampleOf(head, said.mediaType));
  // A submission that is compressed was unpacked before; what is compressed twice is not taken.
  if (!container || container.id === 'gzip') return false;
  const isNamed = said.format !== undefined && !isContainerId(said.format);
  return !(isNamed && MADE_OF_TEXT.has(container.id));
}

/** Whether the word names a container. */
export function isContainerId(id: string): boolean {
  return CONTAINERS.some((container) => container.id === id);
}
