export * from './connector.js';
export * from './mail-port.js';
export { kafkaAccess } from './kafka/index.js';
export { connectorById, CONNECTORS, SENDING_CONNECTORS, sends } from './registry.js';
export * from './daily-files.js';
