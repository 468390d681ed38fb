import { hexDigest } from './hex-digest.js';

/** PDQ, the perceptual hash of an image: 256 bits as 64 lower-case hexadecimal digits. Its quality is no part of it. */
export const pdq = hexDigest('pdq', 64);
