export * from './vocabulary.js';
export * from './feedback.js';
export * from './read-feedback.js';
