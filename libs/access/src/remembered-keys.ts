import { createHmac, randomBytes } from 'node:crypto';
import { parseApiKey } from './api-key.js';
import type { Authenticator } from './authenticator.js';
import type { Principal } from './principal.js';

/** How long a key that was found good is taken for good: a revoked one ends no later. */
const REMEMBERED_MS = 20_000;
const MOST_REMEMBERED = 10_000;

/**
 * Tells who a request is from that names its key as a bearer's, or by HTTP Basic (RFC 7617): the user is the key's id, the
 * password the whole key. For readers that ask many times a second: what was found good is remembered for a moment, under
 * a hash with a key of this process, so that no secret lies in memory. What was refused is not.
 */
export class RememberedKeys {
  private readonly hashKey = randomBytes(32);
  private readonly known = new Map<string, { principal: Principal; until: number }>();

  constructor(
    private readonly authenticator: Pick<Authenticator, 'authenticate'>,
    private readonly now: () => number = Date.now,
  ) {}

  /**
   * @param anew looks whatever was found before: for what changes something, a revoked key ends at once
   * @throws a rejection `TOC_ACCESS_UNAUTHENTICATED`
   */
  async authenticate(authorization: string | undefined, anew = false): Promise<Principal> {
    const bearer = asBearer(authorization);
    const hash = createHmac('sha256', this.hashKey)
      .update(bearer ?? '')
      .digest('base64');
    const remembered = this.known.get(hash);
    if (!anew && remembered && remembered.until > this.now()) return remembered.principal;
    this.known.delete(hash);
    const principal = await this.authenticator.authenticate(bearer);
    if (this.known.size >= MOST_REMEMBERED) this.known.clear();
    this.known.set(hash, { principal, until: this.now() + REMEMBERED_MS });
    return principal;
  }
}

/** Basic credentials as a bearer's; undefined where user and password are not of one key. */
function asBearer(authorization: string | undefined): string | undefined {
  const [, encoded] = /^Basic +(\S+)$/i.exec(authorization ?? '') ?? [];
  if (encoded === undefined) return authorization;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  const password = text.slice(colon + 1);
  return colon > 0 && parseApiKey(password)?.id === text.slice(0, colon) ? `Bearer ${password}` : undefined;
}
