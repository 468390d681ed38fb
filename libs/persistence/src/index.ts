export * from './audit.js';
export * from './database.js';
export * from './database-errors.js';
export * from './directory/directory-notification.js';
export * from './directory/entities.js';
export { MIGRATIONS } from './migrations/index.js';
export * from './outbox.js';
export * from './transaction.js';
