import { hexDigest } from './hex-digest.js';

/** MD5 of a whole file (RFC 1321), 32 lower-case hexadecimal digits. */
export const md5 = hexDigest('md5', 32);
