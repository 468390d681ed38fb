import { hexDigest } from './hex-digest.js';

/** SHA-512 of a whole file (FIPS 180-4), 128 lower-case hexadecimal digits. */
export const sha512 = hexDigest('sha512', 128);
