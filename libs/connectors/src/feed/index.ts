export { feed } from './feed-connector.js';
