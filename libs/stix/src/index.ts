export { collectionId, identityId, rowIdOf } from './object-ids.js';
export * from './row-objects.js';
export { tlpMarkings } from './tlp-markings.js';
