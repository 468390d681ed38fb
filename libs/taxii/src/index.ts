export * from './media-types.js';
export * from './objects-query.js';
export * from './resources.js';
export * from './timestamps.js';
