import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import { AuthenticationGuard, CurrentPrincipal, PeerClient, type Principal } from '#libs/access';
import { DISPUTE_REASONS } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';

export class DisputesPage {
  @ApiPropertyOptional({ format: 'uuid', description: 'The last dispute of the page before.' })
  @IsOptional()
  @IsUUID()
  after?: string;
}

export class DisputeDecision {
  @ApiProperty({ minLength: 1, maxLength: 500, description: 'One line, for the platforms that raised it.' })
  @IsString()
  @Length(1, 500)
  @Matches(/\S/, { message: 'sentence must say something' })
  sentence!: string;
}

/** A dispute, as the normaliser tells it to this person. */
export class DisputeShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) row_id!: string;
  @ApiProperty({ enum: Object.keys(DISPUTE_REASONS) }) reason!: string;
  @ApiProperty({ enum: ['open', 'upheld', 'dismissed'] }) state!: string;
  @ApiProperty({ description: 'Whether one’s own agency asserts the row.' }) own!: boolean;
  @ApiProperty({ format: 'date-time' }) due_at!: string;
  @ApiProperty({ description: 'Whether its time has run out: the ceiling stays lowered.' }) overdue!: boolean;
}

export class DisputesShown {
  @ApiProperty({ type: [DisputeShown] }) disputes!: DisputeShown[];
  @ApiProperty({ description: 'Whether there are more.' }) more!: boolean;
}

/**
 * What platforms say is wrong. The normaliser keeps the disputes and decides, for each, what this person may see and do;
 * intake asks in the person's name.
 */
@ApiTags('disputes')
@ApiBearerAuth()
@Controller('v1/disputes')
@UseGuards(AuthenticationGuard)
export class DisputesController {
  constructor(private readonly normaliser: PeerClient) {}

  @Get()
  @ApiOperation({ summary: 'Open disputes that this key may see, in the order in which their time runs out' })
  @ApiOkResponse({ type: DisputesShown })
  list(@CurrentPrincipal() principal: Principal, @Query() { after }: DisputesPage): Promise<DisputesShown> {
    return this.normaliser.request('GET', '/internal/disputes', { principal, query: { after } });
  }

  @Post(':id/uphold')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide that the platforms are right: a lowered ceiling stays lowered' })
  @ApiOkResponse({ type: DisputeShown })
  uphold(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<DisputeShown> {
    return this.normaliser.request('POST', `/internal/disputes/${id}/uphold`, { principal, json: { sentence } });
  }

  @Post(':id/dismissal')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide that the row is right: the ceiling goes back to what its agencies say' })
  @ApiOkResponse({ type: DisputeShown })
  dismiss(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<DisputeShown> {
    return this.normaliser.request('POST', `/internal/disputes/${id}/dismissal`, { principal, json: { sentence } });
  }
}
