import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { AuthenticationGuard, CurrentPrincipal, PeerClient, type Principal } from '#libs/access';
import { CHALLENGE_REASONS, CHALLENGE_ROLES } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { DisputeDecision, DisputesPage } from '../settle-disputes/disputes.controller.js';

/** A challenge, as the normaliser tells it to this person. */
export class ChallengeShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'uuid' }) row_id!: string;
  @ApiProperty({ enum: CHALLENGE_REASONS }) reason!: string;
  @ApiProperty({ enum: CHALLENGE_ROLES }) role!: string;
  @ApiPropertyOptional({ description: 'One line of whoever challenged.' }) said?: string;
  @ApiProperty({ enum: ['open', 'upheld', 'dismissed'] }) state!: string;
  @ApiProperty({ format: 'date-time' }) due_at!: string;
  @ApiProperty({ description: 'Whether nobody has looked in time.' }) overdue!: boolean;
}

export class ChallengesShown {
  @ApiProperty({ type: [ChallengeShown] }) challenges!: ChallengeShown[];
  @ApiProperty({ description: 'Whether there are more.' }) more!: boolean;
}

/**
 * What people without an account say is wrong. Approvers of agencies that do not assert it look first; what is worth it
 * becomes a dispute. The normaliser decides what this person may see and do.
 */
@ApiTags('challenges')
@ApiBearerAuth()
@Controller('v1/challenges')
@UseGuards(AuthenticationGuard)
export class ChallengesController {
  constructor(private readonly normaliser: PeerClient) {}

  @Get()
  @ApiOperation({ summary: 'Open challenges that this key may review, in the order in which their time runs out' })
  @ApiOkResponse({ type: ChallengesShown })
  list(@CurrentPrincipal() principal: Principal, @Query() { after }: DisputesPage): Promise<ChallengesShown> {
    return this.normaliser.request('GET', '/internal/challenges', { principal, query: { after } });
  }

  @Post(':id/uphold')
  @HttpCode(200)
  @ApiOperation({ summary: 'Find that it is worth a dispute, which lowers the ceiling at once' })
  @ApiOkResponse({ type: ChallengeShown })
  uphold(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<ChallengeShown> {
    return this.normaliser.request('POST', `/internal/challenges/${id}/uphold`, { principal, json: { sentence } });
  }

  @Post(':id/dismissal')
  @HttpCode(200)
  @ApiOperation({ summary: 'Find that it is not: nothing changes' })
  @ApiOkResponse({ type: ChallengeShown })
  dismiss(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<ChallengeShown> {
    return this.normaliser.request('POST', `/internal/challenges/${id}/dismissal`, { principal, json: { sentence } });
  }
}
