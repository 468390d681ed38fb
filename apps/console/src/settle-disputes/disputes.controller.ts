import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import { Id, Line } from '../request-properties.js';

/** Where a page of the list begins. */
export class DisputesPage {
  @Id({ optional: true, description: 'The last dispute of the page before.' }) after?: string;
}

/** A decision about a dispute says why, in words for the platforms that raised it. */
export class DisputeDecision {
  @Line(1, 500) sentence!: string;
}

/** A dispute as the normaliser tells it to this person. */
export class DisputeShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
}

/** A page of open disputes; `more` says that there is another. */
export class DisputesShown {
  @ApiProperty({ type: [DisputeShown] }) disputes!: DisputeShown[];
  @ApiProperty() more!: boolean;
}

/**
 * What platforms say is wrong. The normaliser keeps the disputes and decides, for each of them, what this person may see
 * and do; the console passes the question on in the person's name.
 */
@ApiTags('disputes')
@Controller('v1/disputes')
export class DisputesController {
  constructor(private readonly peers: Peers) {}

  @Get()
  @ApiOperation({ summary: 'Open disputes that this key may see, in the order in which their time runs out' })
  @ApiOkResponse({ type: DisputesShown })
  list(@CurrentPrincipal() principal: Principal, @Query() { after }: DisputesPage): Promise<Plain<DisputesShown>> {
    return this.peers.normaliser.request('GET', '/internal/disputes', { principal, query: { after } });
  }

  @Post(':id/uphold')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide that the platforms are right: a lowered ceiling stays lowered' })
  @ApiOkResponse({ type: DisputeShown })
  uphold(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<Plain<DisputeShown>> {
    return this.peers.normaliser.request('POST', `/internal/disputes/${id}/uphold`, { principal, json: { sentence } });
  }

  @Post(':id/dismissal')
  @HttpCode(200)
  @ApiOperation({ summary: 'Decide that the row is right: the ceiling goes back to what its agencies say' })
  @ApiOkResponse({ type: DisputeShown })
  dismiss(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { sentence }: DisputeDecision,
  ): Promise<Plain<DisputeShown>> {
    return this.peers.normaliser.request('POST', `/internal/disputes/${id}/dismissal`, {
      principal,
      json: { sentence },
    });
  }
}
