import { rejection } from '#libs/domain';

const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * Reads the header `Idempotency-Key`. Keys that services make for themselves contain a blank, so that no person's key
 * can be one of them.
 * @throws a rejection `TOC_REQUEST_PARAMETER`
 */
export function readIdempotencyKey(header: string | string[] | undefined): string | undefined {
  if (header === undefined) return undefined;
  if (typeof header !== 'string' || !KEY.test(header)) {
    throw rejection('TOC_REQUEST_PARAMETER', 'Idempotency-Key holds 1 to 200 visible ASCII characters without blanks');
  }
  return header;
}
