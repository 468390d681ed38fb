export * from './format.js';
export { defineRegistry, FORMATS } from './registry.js';
export { DETECTION_BYTES } from './text/lines-of-head.js';
export { detectFormat, formatById, type DeclaredFormat, type DetectedFormat } from './detect-format.js';
export { EXTENSION_ID as STIX_EXTENSION_ID } from './stix21/extension.js';
