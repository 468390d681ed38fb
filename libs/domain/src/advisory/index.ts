export * from './retraction.js';
export * from './submission-state.js';
export * from './hold.js';
