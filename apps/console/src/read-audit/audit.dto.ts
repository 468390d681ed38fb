import { ApiProperty } from '@nestjs/swagger';
import { Line, WholeInQuery } from '../request-properties.js';
import type { Plain } from '../plain.js';

const MOST_ROWS = 500;

/** Which audit rows to tell. */
export class AuditFilter {
  @Line(1, 200, { optional: true, description: 'Kind and id, as in the rows.', example: 'channel/nordic' })
  subject?: string;
  @WholeInQuery(1, Number.MAX_SAFE_INTEGER, { optional: true, description: 'Only rows older than this id.' })
  before?: number;
  @WholeInQuery(1, MOST_ROWS, { optional: true }) limit?: number;
}

/** An audit row as stored. */
export interface AuditRow {
  id: string;
  at: Date;
  actor: string;
  action: string;
  subject: string;
  reason: string | null;
  detail: string | null;
  commitment: string;
}

/** An audit row as told. The salt stays inside until somebody has to prove the commitment. */
export class AuditRowShown {
  @ApiProperty() id!: string;
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty({ description: 'A person’s id, or service:<name>.' }) actor!: string;
  @ApiProperty() action!: string;
  @ApiProperty() subject!: string;
  @ApiProperty({ type: String, nullable: true }) reason!: string | null;
  @ApiProperty({ type: 'object', additionalProperties: true, nullable: true, description: 'Absent once erased.' })
  detail!: unknown;
  @ApiProperty({ description: 'SHA-256 over salt and detail; stays when they are erased.' }) commitment!: string;
}

export class AuditRowsShown {
  @ApiProperty({ type: [AuditRowShown] }) rows!: AuditRowShown[];
}

/** What is told of an audit row. */
export function showAuditRow({
  id,
  at,
  actor,
  action,
  subject,
  reason,
  detail,
  commitment,
}: AuditRow): Plain<AuditRowShown> {
  const told: unknown = detail === null ? null : JSON.parse(detail);
  return { id, at: at.toISOString(), actor, action, subject, reason, detail: told, commitment };
}
