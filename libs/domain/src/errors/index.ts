export * from './error-codes.js';
export * from './tocsin-error.js';
