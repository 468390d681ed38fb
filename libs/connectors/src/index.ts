export * from './connector.js';
export * from './mail-port.js';
export { feed } from './feed/index.js';
export { HASHES_TOLD, hma } from './hma/index.js';
export { kafkaAccess } from './kafka/index.js';
export { connectorById, CONNECTORS, SENDING_CONNECTORS, sends } from './registry.js';
export * from './daily-files.js';
