import { Body, Controller, Get, HttpCode, Param, Post, Query, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { sentenceIn } from '../settle-disputes/decision-sentence.js';
import { Challenges, type ChallengeView } from './challenges.js';
import { readChallenges } from './open-challenges.js';

/** What intake and console ask about challenges, each time for a person. */
@Controller('internal/challenges')
@UseGuards(InternalGuard('intake', 'console'))
export class ChallengesController {
  constructor(private readonly challenges: Challenges) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query('after') after?: string,
  ): Promise<{ challenges: ChallengeView[]; more: boolean }> {
    return this.challenges.list(principal, after);
  }

  @Post(':id/uphold')
  @HttpCode(200)
  uphold(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<ChallengeView> {
    return this.challenges.decide(principal, id, 'upheld', sentenceIn(body));
  }

  @Post(':id/dismissal')
  @HttpCode(200)
  dismiss(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<ChallengeView> {
    return this.challenges.decide(principal, id, 'dismissed', sentenceIn(body));
  }
}

/** What platform-api hands over from the public desk. The answer is empty, whatever is listed. */
@Controller('internal/public-challenges')
@UseGuards(InternalGuard('platform-api'))
export class PublicChallengesController {
  constructor(private readonly challenges: Challenges) {}

  @Post()
  @HttpCode(204)
  receive(@Body() body: unknown): Promise<void> {
    return this.challenges.receive(readChallenges(body));
  }
}
