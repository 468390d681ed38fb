export * from './shared-infrastructure.js';
