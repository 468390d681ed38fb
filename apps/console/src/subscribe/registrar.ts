import type { KeyRing } from '#libs/access';
import { connectorById, type ConnectorContext, type PublicKeysShown } from '#libs/connectors';
import type { SubscriptionRow } from '../plain.js';

/** What registering and rotating need: the way out, the keys that sign, and the keys that seal. */
export class Registrar {
  constructor(
    readonly context: ConnectorContext,
    /** Keys of the purpose `endpoint-secrets`. */
    readonly secretKeys: KeyRing,
  ) {}

  /** The deployment's keys by which a subscription's deliveries are verified now. */
  publicKeys({ connector, settings }: Pick<SubscriptionRow, 'connector' | 'settings'>): PublicKeysShown | undefined {
    return connectorById(connector)?.publicKeys?.(settings, this.context);
  }
}
