export { createEgress, type Egress } from './create-egress.js';
export { openEgress } from './open-egress.js';
