export * from './format.js';
export { DETECTION_BYTES } from './text/lines-of-head.js';
export { frameDocuments, type FramedDocument } from './opened-container/framing.js';
export { checkGuardFile } from './guard/guard-file.js';
export { GUARD_LINE_LIMIT, readGuardLine, writeGuardLine, type GuardRecord } from './guard/guard-records.js';
export { detectFormat, formatById, type DeclaredFormat } from './detect-format.js';
export { JsonSlicer, type JsonSlice } from './json/json-slicer.js';
export { readId as readStixId } from './stix21/stix-object.js';
export { signalsOfStixObject } from './stix21/signals-of-object.js';
