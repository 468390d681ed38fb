export { createEgress, type Egress, type EgressOptions } from './create-egress.js';
export type { Lookup } from './resolve-host.js';
