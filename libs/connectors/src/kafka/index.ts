export { kafkaAccess, type KafkaAccess } from './kafka-access.js';
export { kafka } from './kafka-connector.js';
