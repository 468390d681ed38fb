import { ApiProperty } from '@nestjs/swagger';
import { serviceChannelOf, type Service } from '#libs/persistence';
import { Line, Word } from '../request-properties.js';
import type { Plain, ServiceRow } from '../plain.js';
import { proofWanted } from './proof-of-service.js';

export const SERVICE_KINDS = ['site', 'short-links', 'delivery-network'] as const satisfies readonly Service['kind'][];

/** A host that a platform says is its service. */
export class ServiceGiven {
  @Line(1, 253, { example: 'video.example', description: 'A host; what is below it belongs to it.' }) host!: string;
  @Word(SERVICE_KINDS) kind!: Service['kind'];
}

class DnsProof {
  @ApiProperty() name!: string;
  @ApiProperty({ enum: ['TXT'] }) type!: 'TXT';
  @ApiProperty() value!: string;
}

class FileProof {
  @ApiProperty() url!: string;
  @ApiProperty() content!: string;
}

class ProofShown {
  @ApiProperty({ type: DnsProof }) dns!: DnsProof;
  @ApiProperty({ type: FileProof }) file!: FileProof;
}

/** A service as shown to its platform, to operators and oversight. */
export class ServiceShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) platform_id!: string;
  @ApiProperty() host!: string;
  @ApiProperty({ enum: SERVICE_KINDS }) kind!: string;
  @ApiProperty({ enum: ['waiting', 'proved'] }) state!: 'waiting' | 'proved';
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) proved_at!: string | null;
  @ApiProperty({ description: 'The channel on which exact addresses on this service arrive.' }) channel!: string;
  @ApiProperty({ type: ProofShown, description: 'What proves it; either is enough.' }) proof!: ProofShown;
}

export class ServicesShown {
  @ApiProperty({ type: [ServiceShown] }) services!: ServiceShown[];
}

export function showService({ id, platformId, host, kind, token, provedAt }: ServiceRow): Plain<ServiceShown> {
  return {
    id,
    platform_id: platformId,
    host,
    kind,
    state: provedAt ? 'proved' : 'waiting',
    proved_at: provedAt?.toISOString() ?? null,
    channel: serviceChannelOf(platformId),
    proof: proofWanted(host, token),
  };
}
