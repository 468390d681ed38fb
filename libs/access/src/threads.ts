/*
 * What threads need to speak to other services and to make ids: nothing here imports Nest or the database, which would be
 * loaded once more in each thread (70 MB).
 */
export { InternalSigner } from './internal-tokens.js';
export { KeyRing } from './key-ring.js';
export { PeerClient } from './peer-client.js';
