import { hexDigest } from './hex-digest.js';

/** SHA-1 of a whole file (FIPS 180-4), 40 lower-case hexadecimal digits. */
export const sha1 = hexDigest('sha1', 40);
