import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { sentenceIn } from './decision-sentence.js';
import type { DisputeView } from './dispute-view.js';
import { Disputes, type DisputeOutcome } from './disputes.js';

/** What intake and console ask about disputes, each time for a person. */
@Controller('internal/disputes')
@UseGuards(InternalGuard('intake', 'console'))
export class DisputesController {
  constructor(private readonly disputes: Disputes) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query('after') after?: string,
  ): Promise<{ disputes: DisputeView[]; more: boolean }> {
    return this.disputes.list(principal, after);
  }

  @Post(':id/uphold')
  @HttpCode(200)
  uphold(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<DisputeView> {
    return this.disputes.decide(principal, id, 'upheld', sentenceIn(body));
  }

  @Post(':id/dismissal')
  @HttpCode(200)
  dismiss(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<DisputeView> {
    return this.disputes.decide(principal, id, 'dismissed', sentenceIn(body));
  }
}

/** What platform-api asks for a platform: how the dispute stands that it raised. */
@Controller('internal/feedback')
@UseGuards(InternalGuard('platform-api'))
export class DisputeOutcomesController {
  constructor(private readonly disputes: Disputes) {}

  @Get(':id/dispute')
  outcome(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<DisputeOutcome> {
    return this.disputes.outcome(principal, id);
  }
}
