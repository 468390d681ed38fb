import { createHash } from 'node:crypto';
import { hexDigest } from './hex-digest.js';
import { exactUrlExpression } from './url-expressions.js';

/**
 * The SHA-256 of an address's most exact expression, `host/path?query` (Safe Browsing Update API v4, "URLs and Hashing"):
 * what may be said of an address that nobody may be shown. A receiver hashes the expressions of the addresses it meets.
 */
export const urlSha256 = hexDigest('url-sha256', 64);

/** @param canonicalUrl a URL in canonical form @returns a value of the type `url-sha256` */
export function hashUrl(canonicalUrl: string): string {
  return createHash('sha256').update(exactUrlExpression(canonicalUrl)).digest('hex');
}
