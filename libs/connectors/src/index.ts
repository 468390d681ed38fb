export * from './connector.js';
export { kafkaAccess, type KafkaAccess } from './kafka/index.js';
export { connectorById, CONNECTORS, defineRegistry } from './registry.js';
