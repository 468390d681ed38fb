export * from './form-blocks.js';
export * from './outcome.js';
export * from './period.js';
