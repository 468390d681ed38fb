import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, Query, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { LaneDatabases } from '../lane-databases.js';
import { resumeEndpoint } from './resume-endpoint.js';
import { subscriptionStatus, type WalkStatus } from './subscription-status.js';

const uuid = (what: string): ParseUUIDPipe =>
  new ParseUUIDPipe({ exceptionFactory: () => rejection('TOC_ACCESS_NOT_FOUND', `There is no such ${what}.`) });

/** How far deliveries have come, for the console; who may ask is decided there. */
@Controller('internal/subscriptions')
@UseGuards(InternalGuard('console'))
export class StatusController {
  constructor(private readonly databases: LaneDatabases) {}

  @Get('status')
  status(@Query('platform', uuid('platform')) platformId: string): Promise<WalkStatus[]> {
    return subscriptionStatus(this.databases.of.ordinary, platformId);
  }

  @Post(':id/resume')
  @HttpCode(200)
  async resume(
    @CurrentPrincipal() principal: Principal,
    @Param('id', uuid('subscription')) id: string,
  ): Promise<{ subscription_id: string }> {
    await resumeEndpoint(this.databases.of.ordinary, id, principal.personId);
    return { subscription_id: id };
  }
}
