export * from './ids.js';
export * from './merge-assertions.js';
