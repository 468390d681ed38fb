export * from './format.js';
export { DETECTION_BYTES } from './text/lines-of-head.js';
export { detectFormat, formatById } from './detect-format.js';
