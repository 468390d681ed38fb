import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { Peers } from '../peers.js';
import { Id, Reason } from '../request-properties.js';
import { ID_IN_PATH } from '#libs/runtime';
import type { Plain } from '../plain.js';

/** Where a page of the list begins. */
export class HoldsPage {
  @Id({ optional: true, description: 'The last hold of the page before.' }) after?: string;
}

/** A decision about a hold says why, and stands with the hold. */
export class HoldDecision {
  @Reason() reason!: string;
}

/** A hold as the normaliser tells it to this person. */
export class HoldShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
}

/** A page of open holds, oldest first; `more` says that there is another. */
export class HoldsShown {
  @ApiProperty({ type: [HoldShown] }) holds!: HoldShown[];
  @ApiProperty() more!: boolean;
}

/**
 * What waits for a person. The normaliser keeps the holds and decides, for each of them, what this person may see and
 * do; the console passes the question on in the person's name.
 */
@ApiTags('holds')
@Controller('v1/holds')
export class HoldsController {
  constructor(private readonly peers: Peers) {}

  @Get()
  @ApiOperation({ summary: 'Open holds that this key may see, oldest first' })
  @ApiOkResponse({ type: HoldsShown })
  list(@CurrentPrincipal() principal: Principal, @Query() { after }: HoldsPage): Promise<Plain<HoldsShown>> {
    return this.peers.normaliser.request('GET', '/internal/holds', { principal, query: { state: 'open', after } });
  }

  @Post(':id/release')
  @HttpCode(200)
  @ApiOperation({ summary: 'Let go as a second person' })
  @ApiOkResponse({ type: HoldShown })
  release(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: HoldDecision,
  ): Promise<Plain<HoldShown>> {
    return this.peers.normaliser.request('POST', `/internal/holds/${id}/release`, { principal, json: { reason } });
  }

  @Post(':id/refusal')
  @HttpCode(200)
  @ApiOperation({ summary: 'Refuse for good' })
  @ApiOkResponse({ type: HoldShown })
  refuse(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: HoldDecision,
  ): Promise<Plain<HoldShown>> {
    return this.peers.normaliser.request('POST', `/internal/holds/${id}/refusal`, { principal, json: { reason } });
  }
}
