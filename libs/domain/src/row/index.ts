export * from './ids.js';
export * from './lower-to-review.js';
export * from './merge-assertions.js';
