import type { KeyRing } from '#libs/access';
import type { ConnectorContext } from '#libs/connectors';

/** What registering and rotating need: the way out, the keys that sign, and the keys that seal. */
export class Registrar {
  constructor(
    readonly context: ConnectorContext,
    /** Keys of the purpose `endpoint-secrets`. */
    readonly secretKeys: KeyRing,
  ) {}
}
