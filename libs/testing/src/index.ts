export * from './channel-records.js';
export * from './describe-connector.js';
export * from './describe-format.js';
export * from './mail-receiver.js';
export * from './object-store.js';
export * from './python-packages.js';
export * from './shared-infrastructure.js';
