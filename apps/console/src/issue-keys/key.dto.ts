import { ApiProperty } from '@nestjs/swagger';
import { Matching, Moment, Reason, Whole } from '../request-properties.js';
import type { Plain, ApiKeyRow } from '../plain.js';

/** Longest time for which an old key may live beside the new one, in hours. */
export const LONGEST_OVERLAP_HOURS = 168;
const DEFAULT_OVERLAP_HOURS = 24;

/** Ids of keys, as they stand in a key. */
const KEY_ID = /^[A-Za-z0-9-]{1,64}$/;

/** What is asked of a new key. Without anything: a key without an end, beside the others of the person. */
export class KeyGiven {
  @Matching(KEY_ID, { optional: true, description: 'The key that this one takes over from; needed for one’s own.' })
  replaces?: string;
  @Whole(0, LONGEST_OVERLAP_HOURS, {
    optional: true,
    description: `Hours for which the old key stays good; ${DEFAULT_OVERLAP_HOURS} when absent, 0 ends it at once.`,
  })
  overlap_hours?: number;
  @Moment({ optional: true }) expires_at?: string;
}

/** Why a key ends. */
export class Revocation {
  @Reason() reason!: string;
}

/** A key without its secret. */
export class KeyShown {
  @ApiProperty() id!: string;
  @ApiProperty({ format: 'uuid' }) person_id!: string;
  @ApiProperty({ enum: ['active', 'expired', 'revoked'] }) state!: 'active' | 'expired' | 'revoked';
  @ApiProperty({ format: 'date-time' }) created_at!: string;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) expires_at!: string | null;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) revoked_at!: string | null;
}

export class KeysShown {
  @ApiProperty({ type: [KeyShown] }) keys!: KeyShown[];
}

/** A new key: the only time that the key itself is shown. */
export class KeyIssued extends KeyShown {
  @ApiProperty({ description: 'Shown now and never again; only a hash of it is kept.' }) key!: string;
  @ApiProperty({ type: KeyShown, required: false, description: 'The key that was replaced, with the moment it ends.' })
  replaced?: KeyShown;
}

/** Milliseconds for which a replaced key stays good. */
export function overlapMs({ overlap_hours = DEFAULT_OVERLAP_HOURS }: KeyGiven): number {
  return overlap_hours * 3_600_000;
}

/** What is shown of a key: never its hash. The state is as of `now`. */
export function showKey(key: ApiKeyRow, now: Date): Plain<KeyShown> {
  const expired = key.expiresAt !== null && key.expiresAt <= now;
  return {
    id: key.id,
    person_id: key.personId,
    state: key.revokedAt ? 'revoked' : expired ? 'expired' : 'active',
    created_at: key.createdAt.toISOString(),
    expires_at: key.expiresAt?.toISOString() ?? null,
    revoked_at: key.revokedAt?.toISOString() ?? null,
  };
}
