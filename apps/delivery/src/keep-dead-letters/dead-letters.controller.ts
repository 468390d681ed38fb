import { Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { DeadLetters, type DeadLetterView } from './dead-letters.js';

/** Dead letters of delivery, for the console on behalf of an operator. */
@Controller('internal/dead-letters')
@UseGuards(InternalGuard('console'))
export class DeadLettersController {
  constructor(private readonly deadLetters: DeadLetters) {}

  @Get()
  async list(@CurrentPrincipal() principal: Principal): Promise<{ dead_letters: DeadLetterView[] }> {
    return { dead_letters: await this.deadLetters.list(principal) };
  }

  @Get(':id')
  show(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<DeadLetterView> {
    return this.deadLetters.show(principal, id);
  }

  @Post(':id/replay')
  @HttpCode(200)
  replay(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<DeadLetterView> {
    return this.deadLetters.replay(principal, id);
  }
}
