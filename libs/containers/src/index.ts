export { OPENING_LIMITS } from './limits.js';
export { mayBeContainer } from './recognise-container.js';
export { openInChild } from './child/open-in-child.js';
export type { SaidBeside } from './open-container.js';
export { storedDocument, type StoredDocument, type ToldContents } from './stored-document.js';
