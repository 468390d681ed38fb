import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { ReadSlots } from '../read-changes/read-slots.js';
import { ReportPages } from './report-pages.js';
import { ReportsAsked, ReportsShown } from './report.dto.js';

/** What platforms report to agencies of how their services were abused. */
@ApiTags('exploitation-reports')
@ApiBearerAuth()
@Controller('v1/exploitation-reports')
@UseGuards(AuthenticationGuard)
export class ReportsController {
  constructor(
    private readonly pages: ReportPages,
    private readonly slots: ReadSlots,
  ) {}

  @Get()
  @ApiOperation({ summary: 'Exploitation reports that are addressed to agencies (officers and approvers)' })
  @ApiOkResponse({ type: ReportsShown })
  read(@CurrentPrincipal() principal: Principal, @Query() { after }: ReportsAsked): Promise<ReportsShown> {
    authorise(principal, 'report:read');
    return this.slots.during(principal.organisationId, () => this.pages.read(principal, after));
  }
}
