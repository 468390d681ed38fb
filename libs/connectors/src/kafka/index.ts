export { kafkaAccess } from './kafka-access.js';
export { kafka } from './kafka-connector.js';
