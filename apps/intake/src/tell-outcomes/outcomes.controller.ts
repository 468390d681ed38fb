import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, Matches } from 'class-validator';
import { AuthenticationGuard, authorise, CurrentPrincipal, PeerClient, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';

export class OutcomesPage {
  @ApiPropertyOptional({ format: 'date', description: 'A date: only weeks that begin before it.' })
  @IsOptional()
  @Matches(/^20\d{2}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/)
  before?: string;
}

/** What platforms answered in one cell. */
export class OutcomeTotalShown {
  @ApiProperty({ description: 'matched, acted, or opinion- and its step.' }) cell!: string;
  @ApiProperty({ type: 'integer', description: 'Rows about which enough platforms answered.' }) rows!: number;
  @ApiProperty({ type: 'integer', description: 'One for each platform and row.' }) answers!: number;
}

/** A week of UTC, from Monday; published once, never recalculated. */
export class OutcomePeriodShown {
  @ApiProperty({ format: 'date-time' }) from!: string;
  @ApiProperty({ format: 'date-time' }) until!: string;
  @ApiProperty({ type: [OutcomeTotalShown] }) totals!: OutcomeTotalShown[];
}

/** What a platform lets this agency see by name, for this advisory and until it says otherwise. */
export class NamedOutcomeShown {
  @ApiProperty({ format: 'uuid' }) platform_id!: string;
  @ApiProperty() name!: string;
  @ApiProperty() cell!: string;
  @ApiProperty({ type: 'integer' }) rows!: number;
  @ApiPropertyOptional({ type: 'integer', description: 'How often; absent of opinions.' }) count?: number;
}

export class OutcomesShown {
  @ApiProperty({ format: 'uuid' }) advisory_id!: string;
  @ApiProperty({ type: 'object', additionalProperties: { type: 'integer' } })
  least!: Record<string, number>;
  @ApiProperty({ type: [OutcomePeriodShown] }) periods!: OutcomePeriodShown[];
  @ApiProperty({ description: 'Whether there are earlier weeks.' }) more!: boolean;
  @ApiProperty({ type: [NamedOutcomeShown] }) named!: NamedOutcomeShown[];
}

/** What platforms answered to an advisory of one's own agency, as totals. */
@ApiTags('advisories')
@ApiBearerAuth()
@Controller('v1/advisories')
@UseGuards(AuthenticationGuard)
export class OutcomesController {
  constructor(private readonly normaliser: PeerClient) {}

  @Get(':id/outcomes')
  @ApiOperation({
    summary: 'What platforms answered to an advisory of this agency, in totals',
    description:
      'Each total is of answers by at least five platforms of three corporate groups; what is of fewer waits for a later week.',
  })
  @ApiOkResponse({ type: OutcomesShown })
  outcomes(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { before }: OutcomesPage,
  ): Promise<OutcomesShown> {
    authorise(principal, 'outcome:read', { organisationId: principal.organisationId });
    return this.normaliser.request('GET', `/internal/advisories/${id}/outcomes`, { principal, query: { before } });
  }
}
