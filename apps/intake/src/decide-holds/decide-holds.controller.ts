import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';
import { AuthenticationGuard, CurrentPrincipal, PeerClient, type Principal } from '#libs/access';
import { HOLD_REASONS } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';

export class HoldsPage {
  @ApiPropertyOptional({ format: 'uuid', description: 'The last hold of the page before.' })
  @IsOptional()
  @IsUUID()
  after?: string;
}

export class HoldDecision {
  @ApiProperty({ minLength: 1, maxLength: 1000, description: 'Kept with the decision.' })
  @IsString()
  @Length(1, 1000)
  @Matches(/\S/, { message: 'reason must say something' })
  reason!: string;
}

/** A hold, as the normaliser tells it to this person. */
export class HoldShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) submission_id!: string;
  @ApiProperty({ enum: Object.keys(HOLD_REASONS) }) reason!: string;
  @ApiProperty() state!: string;
}

export class HoldsShown {
  @ApiProperty({ type: [HoldShown] }) holds!: HoldShown[];
  @ApiProperty({ description: 'Whether there are more.' }) more!: boolean;
}

/**
 * What waits for a person. The normaliser keeps the holds and decides, for each, what this person may see and do; intake
 * asks in the person's name.
 */
@ApiTags('holds')
@ApiBearerAuth()
@Controller('v1/holds')
@UseGuards(AuthenticationGuard)
export class DecideHoldsController {
  constructor(private readonly normaliser: PeerClient) {}

  @Get()
  @ApiOperation({ summary: 'Open holds that this key may see' })
  @ApiOkResponse({ type: HoldsShown })
  list(@CurrentPrincipal() principal: Principal, @Query() { after }: HoldsPage): Promise<HoldsShown> {
    return this.normaliser.request('GET', '/internal/holds', { principal, query: { state: 'open', after } });
  }

  @Post(':id/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let go, as a second person' })
  @ApiOkResponse({ type: HoldShown })
  release(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: HoldDecision,
  ): Promise<HoldShown> {
    return this.normaliser.request('POST', `/internal/holds/${id}/release`, { principal, json: { reason } });
  }

  @Post(':id/refusal')
  @HttpCode(200)
  @ApiOperation({ summary: 'Refuse for good' })
  @ApiOkResponse({ type: HoldShown })
  refuse(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: HoldDecision,
  ): Promise<HoldShown> {
    return this.normaliser.request('POST', `/internal/holds/${id}/refusal`, { principal, json: { reason } });
  }
}
