import { seal, unseal, type KeyRing } from '#libs/access';
import { fault } from '#libs/domain';

/**
 * Encrypts the secrets of a subscription for storage; bound to its id, so that sealed bytes moved to another
 * subscription open for nobody.
 */
export function sealSecrets(ring: KeyRing, subscriptionId: string, secrets: Record<string, string>): Buffer {
  return seal(ring, Buffer.from(JSON.stringify(secrets)), subscriptionId);
}

/**
 * Reverses {@link sealSecrets}.
 * @throws a fault when the bytes were not sealed for this subscription by a key that is still there
 */
export function openSecrets(ring: KeyRing, subscriptionId: string, sealed: Buffer): Record<string, string> {
  const secrets: unknown = JSON.parse(unseal(ring, sealed, subscriptionId).toString());
  if (typeof secrets !== 'object' || secrets === null) throw fault('sealed secrets are not an object');
  return Object.fromEntries(
    Object.entries(secrets).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
