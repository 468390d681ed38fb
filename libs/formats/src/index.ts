export * from './format.js';
export { DETECTION_BYTES } from './text/lines-of-head.js';
export { frameDocuments, type FramedDocument } from './opened-container/framing.js';
export { checkGuardFile } from './guard/guard-file.js';
export { GUARD_LINE_LIMIT, readGuardLine, writeGuardLine, type GuardRecord } from './guard/guard-records.js';
export { detectFormat, formatById, type DeclaredFormat } from './detect-format.js';
