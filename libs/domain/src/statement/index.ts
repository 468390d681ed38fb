export * from './vocabulary.js';
export * from './statement.js';
export * from './releasable-text.js';
export * from './complete-statement.js';
