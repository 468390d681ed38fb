export { canonicalise, isSignalType, SIGNAL_TYPES, type SignalType } from './registry.js';
export { isExactHash } from './exact-hashes.js';
export { isLookedUp, LOOK_UP_TYPES, lookUpDigest, type LookUpType } from './look-up-digest.js';
export { HASH_LICENCES, isOpaqueHash, licenceFor, LICENSED_TYPES, type HashLicence } from './licensed-types.js';
export { isPublicSuffix } from './public-suffix.js';
export { hashUrl } from './url-sha256.js';
export { urlExpressions, urlHost } from './url-expressions.js';
