import { hexDigest } from './hex-digest.js';

/** SHA-256 of a whole file (FIPS 180-4), 64 lower-case hexadecimal digits. */
export const sha256 = hexDigest('sha256', 64);
