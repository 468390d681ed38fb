import { Body, Controller, Get, HttpCode, Param, Post, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import type { Plain } from '../plain.js';
import {
  AttemptsAsked,
  AttemptsShown,
  RecoveriesShown,
  RecoveryGiven,
  ResendGiven,
  ResendShown,
} from './send-again.dto.js';
import { SendAgainService } from './send-again.service.js';

/** What was tried, and sending once more. */
@ApiTags('subscriptions')
@Controller('v1/subscriptions/:id')
export class SendAgainController {
  constructor(private readonly again: SendAgainService) {}

  @Get('attempts')
  @ApiOperation({
    summary: 'Attempts to send, newest first',
    description: 'Of the last seven days, at most a thousand; nothing of what was in them.',
  })
  @ApiOkResponse({ type: AttemptsShown })
  attempts(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() asked: AttemptsAsked,
  ): Promise<Plain<AttemptsShown>> {
    return this.again.attempts(principal, id, asked);
  }

  @Post('resend')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Send rows, or those of one attempt, once more as they are now',
    description:
      'What is live and still passes goes as the same record under the same event id, the end of others as their withdrawal. 60 requests an hour.',
  })
  @ApiOkResponse({ type: ResendShown })
  resend(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() given: ResendGiven,
  ): Promise<ResendShown> {
    return this.again.resend(principal, id, given);
  }

  @Post('recovery')
  @HttpCode(200)
  @ApiOperation({
    summary: 'Walk channels once more from a moment or a position on',
    description: 'Withdrawals first, then what is live and still passes. Twelve requests a day.',
  })
  @ApiOkResponse({ type: RecoveriesShown })
  recover(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() given: RecoveryGiven,
  ): Promise<Plain<RecoveriesShown>> {
    return this.again.recover(principal, id, given);
  }
}
