export { collectionId, identityId, objectId, rowIdOf, type ObjectType } from './object-ids.js';
export * from './row-objects.js';
export { tlpMarkings } from './tlp-markings.js';
