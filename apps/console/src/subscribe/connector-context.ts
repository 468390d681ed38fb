import { randomBytes } from 'node:crypto';
import { webhookSigning, type KeyRing } from '#libs/access';
import type { ConnectorContext, EgressPort } from '#libs/connectors';
import { fault } from '#libs/domain';

/** What connectors may use while a platform registers. Delivering is another app's, so no record is written from here. */
export function registrationContext(egress: EgressPort, signingKeys: KeyRing): ConnectorContext {
  return {
    egress,
    topics: { produce: () => Promise.reject(fault('a registration writes no records')) },
    signing: webhookSigning(signingKeys),
    now: () => new Date(),
    randomBytes,
  };
}
