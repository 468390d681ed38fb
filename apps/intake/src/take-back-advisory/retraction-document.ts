import { rejection } from '#libs/domain';
import { readRetractionRequest, type RetractionRequest } from '#libs/events';
import { parseJson } from '#libs/runtime';

/** Most bytes of a retraction: room for every signal that one may name. */
export const LARGEST_RETRACTION = 768 * 1024;

/**
 * Reads the bytes of a retraction.
 * @throws rejections `TOC_REQUEST_MALFORMED`, `TOC_REQUEST_PARAMETER`, `TOC_REQUEST_TOO_LARGE`, `TOC_SUBMISSION_EMPTY`
 */
export function readRetractionDocument(bytes: Buffer): RetractionRequest {
  if (bytes.length === 0) throw rejection('TOC_SUBMISSION_EMPTY', 'a retraction says its reason in a JSON object');
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw rejection('TOC_REQUEST_MALFORMED', 'the body is not UTF-8');
  }
  const request = readRetractionRequest(parseJson(text));
  // By its object a retraction is known here and to the normaliser alone.
  if (request.object)
    throw rejection('TOC_REQUEST_PARAMETER', 'a retraction says reason, signals and channels, nothing else');
  return request;
}
