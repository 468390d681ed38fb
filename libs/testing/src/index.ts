export * from './shared-infrastructure.js';
export * from './describe-connector.js';
