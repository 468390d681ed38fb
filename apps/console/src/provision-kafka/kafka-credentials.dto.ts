import { ApiProperty } from '@nestjs/swagger';
import { kafkaAccess } from '#libs/connectors';
import { Reason } from '../request-properties.js';
import type { Plain, KafkaUserRow } from '../plain.js';

/** Why credentials end; in the query, since a DELETE has no body that every client would send. */
export class CredentialsRevocation {
  @Reason() reason!: string;
}

/** How a platform reads its topic; without the password. */
export class KafkaCredentialsShown {
  @ApiProperty({ format: 'uuid' }) platform_id!: string;
  @ApiProperty() username!: string;
  @ApiProperty({ enum: ['granted', 'revoked'] }) state!: string;
  @ApiProperty({ format: 'date-time' }) changed_at!: string;
  @ApiProperty({ enum: ['SCRAM-SHA-512'] }) mechanism!: string;
  @ApiProperty({ description: 'The only topic that may be read.' }) topic!: string;
  @ApiProperty({ description: 'Consumer groups have to begin with this.' }) group_prefix!: string;
}

/** New credentials: the only time that the password is shown. */
export class KafkaCredentialsIssued extends KafkaCredentialsShown {
  @ApiProperty({ description: 'Shown now and never again; kept nowhere here.' }) password!: string;
}

/** Revoked credentials, with how far the revocation has come. */
export class KafkaCredentialsRevoked extends KafkaCredentialsShown {
  @ApiProperty({ description: 'Whether the user is gone from Kafka; if not yet, it will be as soon as Kafka answers.' })
  removed!: boolean;
}

/** What is shown of a Kafka user, with the names that follow from the platform. */
export function showKafkaUser({ platformId, name, state, changedAt }: KafkaUserRow): Plain<KafkaCredentialsShown> {
  const { topic, groupPrefix } = kafkaAccess(platformId);
  return {
    platform_id: platformId,
    username: name,
    state,
    changed_at: changedAt.toISOString(),
    mechanism: 'SCRAM-SHA-512',
    topic,
    group_prefix: groupPrefix,
  };
}
