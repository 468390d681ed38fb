import { findPeopleData } from '#libs/safeguards';
import type { Country } from '#libs/domain';

/** An address of something on the web, by which an account or a page of somebody can be named. */
const LINK = /:\/\/|\bwww\.|\b[\p{L}\p{N}-]+\.(?:[a-z]{2,10})\//iu;
/** As long as the shortest ids of accounts and of things that they wrote. */
const LONG_NUMBER = /\d{7,}/;
/** A digest, a wallet, or an id in hexadecimal or base 64. */
const TOKEN = /\b(?=[A-Za-z0-9_-]*\d)(?=[A-Za-z0-9_-]*[A-Za-z])[A-Za-z0-9_-]{16,}\b/;

/**
 * What a text says that has no place in an answer: what may identify a person, or name one through an address or an id.
 * @param country whose phone numbers are written without prefix
 * @returns the kinds found, never what was found
 */
export function smuggledIn(text: string, country?: Country): string[] {
  const found: string[] = findPeopleData(text, country);
  if (LINK.test(text)) found.push('link');
  if (LONG_NUMBER.test(text)) found.push('long-number');
  if (TOKEN.test(text)) found.push('identifier');
  return found;
}
