import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { NormaliserDatabase } from '../injection.js';
import { readOutcomes, type AdvisoryOutcomes } from './outcomes.js';

const DATE = /^20\d{2}-\d{2}-\d{2}$/;

/** What intake asks for a person of an agency. */
@Controller('internal/advisories')
@UseGuards(InternalGuard('intake'))
export class OutcomesController {
  constructor(@NormaliserDatabase() private readonly database: DataSource) {}

  @Get(':id/outcomes')
  outcomes(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query('before') before?: string,
  ): Promise<AdvisoryOutcomes> {
    if (before !== undefined && !(DATE.test(before) && !Number.isNaN(Date.parse(before))))
      throw rejection('TOC_REQUEST_PARAMETER', 'before is a date, as 2026-11-23');
    return readOutcomes(this.database, principal, id, before);
  }
}
