export * from './vocabulary.js';
export * from './statement.js';
export * from './complete-statement.js';
