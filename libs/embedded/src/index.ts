export * from './free-port.js';
export * from './process/stop-in-order.js';
export * from './process/tethered-process.js';
export * from './postgres/postgres-settings.js';
export * from './postgres/start-postgres.js';
