export * from './channel-record.js';
export * from './feedback-given.js';
export * from './retraction-request.js';
export * from './strict-times.js';
export * from './submission-accepted.js';
export * from './submission-parameters.js';
export * from './topics.js';
