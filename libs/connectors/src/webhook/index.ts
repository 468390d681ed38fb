export { webhook } from './webhook-connector.js';
