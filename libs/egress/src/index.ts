export { createEgress, type Egress } from './create-egress.js';
export { openMail, type MailSettings } from './open-mail.js';
export { openEgress } from './open-egress.js';
