export { lookUp } from './look-up-connector.js';
