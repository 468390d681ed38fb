import { readFileSync } from 'node:fs';
import { createEgress, type Egress } from './create-egress.js';

/** Outbound HTTP as a service's configuration says it. */
export interface EgressSettings {
  /** Openings in the rules, none by default: `network:port` or `host:port`, `*` for any port. */
  egressExceptions: readonly string[];
  /** Plain http, to those openings only. */
  egressAllowHttp: boolean;
  /** Ports open to public addresses, in digits. */
  egressPorts: readonly string[];
  /** File of certificates (PEM) trusted beside the public authorities; empty for none. */
  egressCaFile: string;
}

/** Opens outbound HTTP by a service's configuration. @throws Error when the file of certificates cannot be read */
export function openEgress(settings: EgressSettings): Egress {
  return createEgress({
    exceptions: settings.egressExceptions,
    allowHttp: settings.egressAllowHttp,
    ports: settings.egressPorts.map(Number),
    ...(settings.egressCaFile && { ca: [readFileSync(settings.egressCaFile, 'utf8')] }),
  });
}
