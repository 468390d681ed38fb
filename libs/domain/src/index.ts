export * from './errors/index.js';
export * from './marking/index.js';
export * from './statement/index.js';
export * from './advisory/index.js';
export * from './bulletin/index.js';
export * from './row/index.js';
export * from './signal-types/index.js';
export * from './reporting/index.js';
