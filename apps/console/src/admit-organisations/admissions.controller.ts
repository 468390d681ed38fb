import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { ProposalShown, showProposal } from '../decide-together/proposal.dto.js';
import type { Plain } from '../plain.js';
import { Word } from '../request-properties.js';
import { AdmissionGiven, AdmissionShown, AdmissionsShown } from './admission.dto.js';
import { AdmissionsService } from './admissions.service.js';

/** Which admissions. */
export class AdmissionsAsked {
  @Word(['true', 'false'], { optional: true, description: 'Only those that somebody has to look at.' }) due?: string;
}

/** On which grounds organisations take part. */
@ApiTags('organisations')
@Controller('v1')
export class AdmissionsController {
  constructor(private readonly admissions: AdmissionsService) {}

  @Get('admissions')
  @ApiOperation({ summary: 'Admissions of agencies and platforms, those first that somebody has to look at' })
  @ApiOkResponse({ type: AdmissionsShown })
  async list(
    @CurrentPrincipal() principal: Principal,
    @Query() { due }: AdmissionsAsked,
  ): Promise<Plain<AdmissionsShown>> {
    return { admissions: await this.admissions.list(principal, due === 'true') };
  }

  @Get('organisations/:id/admission')
  @ApiOperation({ summary: 'The admission of an organisation; for its own people, operators and oversight' })
  @ApiOkResponse({ type: AdmissionShown })
  read(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<Plain<AdmissionShown>> {
    return this.admissions.read(principal, id);
  }

  @Post('organisations/:id/admission')
  @ApiOperation({
    summary: 'Propose an admission (operators); another operator confirms it',
    description:
      'It replaces the one before. A platform’s standing stays as it is: it begins with match-only and is raised by the proposal change-standing.',
  })
  @ApiCreatedResponse({ type: ProposalShown })
  async propose(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() given: AdmissionGiven,
  ): Promise<Plain<ProposalShown>> {
    return showProposal(await this.admissions.propose(principal, id, given), new Date());
  }
}
