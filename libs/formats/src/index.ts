export * from './format.js';
export { DETECTION_BYTES } from './text/lines-of-head.js';
export { frameDocuments, type FramedDocument } from './opened-container/framing.js';
export { detectFormat, formatById, type DeclaredFormat } from './detect-format.js';
