import { rejection } from '#libs/domain';
import { detectFormat, type DeclaredFormat, type Format } from '#libs/formats';

/**
 * The format of a document as somebody submits it.
 * @throws the rejections of detection; `TOC_SUBMISSION_FORMAT` for what only this exchange writes
 */
export function submittedFormat(head: Uint8Array, declared: DeclaredFormat): Format {
  const { format } = detectFormat(head, declared);
  if (format.isInternal) {
    throw rejection('TOC_SUBMISSION_FORMAT', 'documents of this format are written by this exchange only');
  }
  return format;
}
