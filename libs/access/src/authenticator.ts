import { timingSafeEqual } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { rejection, type TocsinError } from '#libs/domain';
import { query, type OrganisationKind, type Role } from '#libs/persistence';
import { hashSecret, parseApiKey } from './api-key.js';
import type { Principal } from './principal.js';

interface KeyRow {
  secret_hash: Buffer;
  person_id: string;
  organisation_id: string;
  kind: OrganisationKind;
  name: string;
  country: string;
  roles: Role[];
}

const NO_HASH = Buffer.alloc(32);

/** One answer for every way of being wrong. */
function unauthenticated(): TocsinError {
  return rejection('TOC_ACCESS_UNAUTHENTICATED', 'a valid key is asked for: Authorization: Bearer <key>');
}

/** Tells who holds a key. One indexed read each time, so that a revoked key ends at once. */
export class Authenticator {
  constructor(private readonly database: DataSource) {}

  /** @throws a rejection `TOC_ACCESS_UNAUTHENTICATED` */
  async authenticate(authorization: string | undefined): Promise<Principal> {
    const parsed = parseApiKey(/^Bearer +(\S+)$/i.exec(authorization ?? '')?.[1] ?? '');
    if (!parsed) throw unauthenticated();
    const [row] = await query<KeyRow>(
      this.database,
      `SELECT k.secret_hash, p.id AS person_id, o.id AS organisation_id, o.kind, o.name, o.country, p.roles
         FROM directory.api_key k JOIN directory.person p ON p.id = k.person_id
         JOIN directory.organisation o ON o.id = p.organisation_id
        WHERE k.id = $1 AND k.revoked_at IS NULL AND (k.expires_at IS NULL OR k.expires_at > now())
          AND p.state = 'active' AND (o.state = 'active' OR o.kind = 'platform')`,
      [parsed.id],
    );
    const matches = timingSafeEqual(hashSecret(parsed.secret), row?.secret_hash ?? NO_HASH);
    if (!row || !matches) throw unauthenticated();
    return {
      personId: row.person_id,
      organisationId: row.organisation_id,
      organisationKind: row.kind,
      organisationName: row.name,
      country: row.country,
      roles: row.roles,
      keyId: parsed.id,
    };
  }
}
