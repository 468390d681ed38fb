import { compareTlp, rejection, type Tlp } from '#libs/domain';
import { isAbove, readClassification } from './classification-words.js';
import type { DeclaredLevel } from './find-level-marks.js';
import { PartScanner } from './part-scanner.js';

/** Everything that is said in words, however deep. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

/**
 * Refuses what is said beside the document when it is marked above the level, and media or markings in its texts: a
 * bulletin is kept and published as a document's contents are.
 * @param parameters as {@link readSubmissionParameters} returns them, or the request of a retraction
 * @throws rejections `TOC_SUBMISSION_ABOVE_LEVEL`, `TOC_SUBMISSION_MEDIA`, `TOC_SUBMISSION_ENCODING`, and
 *   `TOC_REQUEST_PARAMETER` for a classification that is not known
 */
export function refuseMarkedParameters(
  parameters: { tlp?: Tlp; classification?: string; [name: string]: unknown } | object,
  declared: DeclaredLevel,
): void {
  const { tlp, classification, ...words }: { tlp?: Tlp; classification?: string } = parameters;
  if (tlp && compareTlp(tlp, declared.tlp) > 0) {
    throw rejection('TOC_SUBMISSION_ABOVE_LEVEL', `this deployment may hold up to TLP:${declared.tlp.toUpperCase()}`);
  }
  if (classification !== undefined) {
    const read = readClassification(classification);
    if (!read) throw rejection('TOC_REQUEST_PARAMETER', 'the classification is not one that is known');
    if (isAbove(read.level, declared.classification)) {
      throw rejection('TOC_SUBMISSION_ABOVE_LEVEL', `this deployment may hold up to ${declared.classification}`);
    }
  }
  const texts = textsIn(words);
  if (texts.some((text) => !text.isWellFormed())) {
    throw rejection('TOC_REQUEST_PARAMETER', 'a parameter has half a character (a lone surrogate)');
  }
  const scanner = new PartScanner(declared);
  scanner.scan(Buffer.from(`${texts.join('\n\n')}\n`));
  scanner.end();
}
