import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { readAttempts, type AttemptView } from '../keep-attempts/attempts.js';
import { LaneDatabases } from '../lane-databases.js';
import { recover, type RecoveryView } from './recover.js';
import { resend, type ResendAsked } from './resend.js';

/** What was tried, and what is to be sent once more, for the console; who may ask, and in which words, is decided there. */
@Controller('internal/subscriptions')
@UseGuards(InternalGuard('console'))
export class SendAgainController {
  constructor(private readonly databases: LaneDatabases) {}

  @Get(':id/attempts')
  async attempts(
    @Param('id', ID_IN_PATH) id: string,
    @Query('before') before: string | undefined,
    @Query('most') most: string,
  ): Promise<{ attempts: AttemptView[] }> {
    return { attempts: await readAttempts(this.databases.of.ordinary, id, { before, most: Number(most) }) };
  }

  @Post(':id/resend')
  @HttpCode(200)
  resend(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() asked: ResendAsked,
  ): Promise<{ rows: number }> {
    return resend(this.databases.of.ordinary, id, asked, principal.personId);
  }

  @Post(':id/recovery')
  @HttpCode(200)
  async recover(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { since, position, channel }: { since?: string; position?: string; channel?: string },
  ): Promise<{ recoveries: RecoveryView[] }> {
    const asked = {
      ...(since !== undefined && { since: new Date(since) }),
      ...(position !== undefined && { position: BigInt(position) }),
      channel,
    };
    return { recoveries: await recover(this.databases.of.ordinary, id, asked, principal.personId) };
  }
}
