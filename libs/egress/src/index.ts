export { createEgress, type Egress } from './create-egress.js';
export { openMail } from './open-mail.js';
export { openEgress } from './open-egress.js';
