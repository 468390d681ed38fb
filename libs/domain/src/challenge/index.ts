export * from './challenge.js';
