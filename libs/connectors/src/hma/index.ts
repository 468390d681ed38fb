export { HASHES_TOLD, hma } from './hma-connector.js';
