import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import { DisputeDecision, DisputesPage } from '../settle-disputes/disputes.controller.js';

/** A challenge as the normaliser tells it to this person. */
export class ChallengeShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
}

/** A page of open challenges; `more` says that there is another. */
export class ChallengesShown {
  @ApiProperty({ type: [ChallengeShown] }) challenges!: ChallengeShown[];
  @ApiProperty() more!: boolean;
}

/** What people without an account say is wrong; the normaliser decides what this person may see and do. */
@ApiTags('challenges')
@Controller('v1/challenges')
export class ChallengesController {
  constructor(private readonly peers: Peers) {}

  @Get()
  @ApiOperation({ summary: 'Open challenges that this key may review, in the order in which their time runs out' })
  @ApiOkResponse({ type: ChallengesShown })
  list(@CurrentPrincipal() principal: Principal, @Query() { after }: DisputesPage): Promise<Plain<ChallengesShown>> {
    return this.peers.normaliser.request('GET', '/internal/challenges', { principal, query: { after } });
  }

  @Post(':id/uphold')
  @HttpCode(200)
  @ApiOperation({ summary: 'Find that it is worth a dispute, which lowers the ceiling at once' })
  @ApiOkResponse({ type: ChallengeShown })
  uphold(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<Plain<ChallengeShown>> {
    return this.peers.normaliser.request('POST', `/internal/challenges/${id}/uphold`, {
      principal,
      json: { sentence },
    });
  }

  @Post(':id/dismissal')
  @HttpCode(200)
  @ApiOperation({ summary: 'Find that it is not: nothing changes' })
  @ApiOkResponse({ type: ChallengeShown })
  dismiss(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<Plain<ChallengeShown>> {
    return this.peers.normaliser.request('POST', `/internal/challenges/${id}/dismissal`, {
      principal,
      json: { sentence },
    });
  }
}
