import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { query } from '#libs/persistence';
import { AuditFilter, AuditRowsShown, showAuditRow, type AuditRow } from './audit.dto.js';
import type { Plain } from '../plain.js';

const DEFAULT_ROWS = 100;

/** The audit rows of the directory; other services keep those of their own schema. */
@ApiTags('audit')
@Controller('v1/audit')
export class AuditController {
  constructor(private readonly database: DataSource) {}

  @Get()
  @ApiOperation({ summary: 'Who changed what in the directory, and why; newest first (operators, oversight)' })
  @ApiOkResponse({ type: AuditRowsShown })
  async list(@CurrentPrincipal() principal: Principal, @Query() filter: AuditFilter): Promise<Plain<AuditRowsShown>> {
    authorise(principal, 'audit:read');
    const rows = await query<AuditRow>(
      this.database,
      `SELECT id, at, actor, action, subject, reason, detail, encode(commitment, 'hex') AS commitment
         FROM directory.audit
        WHERE ($1::text IS NULL OR subject = $1) AND ($2::bigint IS NULL OR id < $2)
        ORDER BY id DESC LIMIT $3`,
      [filter.subject ?? null, filter.before ?? null, filter.limit ?? DEFAULT_ROWS],
    );
    return { rows: rows.map(showAuditRow) };
  }
}
