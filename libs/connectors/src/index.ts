export * from './connector.js';
export { kafkaAccess } from './kafka/index.js';
export { connectorById, CONNECTORS } from './registry.js';
