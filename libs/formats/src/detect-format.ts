import { extname } from 'node:path/posix';
import { rejection, type TocsinError } from '#libs/domain';
import type { Format } from './format.js';
import { FORMATS } from './registry.js';
import { refuseForeignMark } from './text/checked-text.js';
import { DETECTION_BYTES } from './text/lines-of-head.js';

/** What the sender said about the bytes. */
export interface DeclaredFormat {
  id?: string;
  /** Media type, with or without parameters. */
  mediaType?: string;
  fileName?: string;
}

/** A format, and what it was told by. */
export interface DetectedFormat {
  format: Format;
  by: 'id' | 'bytes' | 'media-type' | 'file-name';
}

/** Said of documents of many formats, so they decide nothing by themselves. */
const VAGUE = new Set(['text/plain', '.txt', '.json']);

function refuse(sentence: string, formats: ReadonlyMap<string, Format>): TocsinError {
  const known = [...formats.values()].filter(({ isInternal }) => !isInternal).map(({ id }) => id);
  return rejection('TOC_SUBMISSION_FORMAT', `${sentence}; known are ${known.join(', ')}`, { known });
}

/**
 * @throws a rejection `TOC_SUBMISSION_FORMAT` that lists the ids that are known
 */
export function formatById(id: string, formats = FORMATS): Format {
  const format = formats.get(id);
  if (!format) throw refuse('there is no format of that id', formats);
  return format;
}

/**
 * Tells the format of a document. A declared id decides; else the bytes do, with the media type and the file name
 * deciding between formats that find the bytes equally likely, or when the bytes say nothing.
 * @param head the first bytes, at most {@link DETECTION_BYTES} of which are looked at
 * @throws a rejection `TOC_SUBMISSION_FORMAT` that lists the ids that are known, or `TOC_SUBMISSION_ENCODING`
 */
export function detectFormat(head: Uint8Array, declared: DeclaredFormat = {}, formats = FORMATS): DetectedFormat {
  if (declared.id !== undefined) return { format: formatById(declared.id, formats), by: 'id' };
  refuseForeignMark(head);
  const mediaType = declared.mediaType?.split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const extension = extname(declared.fileName ?? '').toLowerCase();
  const beginning = head.subarray(0, DETECTION_BYTES);
  let best: DetectedFormat | undefined;
  let bestScore = 0;
  for (const format of formats.values()) {
    const byType = format.mediaTypes.includes(mediaType);
    const byName = format.fileExtensions.includes(extension);
    const certainty = format.detect(beginning);
    const said = (byType && !VAGUE.has(mediaType) ? 0.4 : 0) + (byName && !VAGUE.has(extension) ? 0.2 : 0);
    // What the bytes say outweighs what was said about them.
    const score = certainty > 0 ? 1 + certainty + said / 10 : said;
    if (score <= bestScore) continue;
    bestScore = score;
    best = { format, by: certainty > 0 ? 'bytes' : byType ? 'media-type' : 'file-name' };
  }
  if (!best) throw refuse('the format cannot be told from the bytes', formats);
  return best;
}
