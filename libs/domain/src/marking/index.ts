export * from './tlp.js';
export * from './marking.js';
export * from './route.js';
