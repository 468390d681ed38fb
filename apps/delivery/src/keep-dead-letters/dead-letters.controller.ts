import { Controller, Get, HttpCode, Param, ParseUUIDPipe, Post, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { DeadLetters, type DeadLetterView } from './dead-letters.js';

const ID = new ParseUUIDPipe({
  exceptionFactory: () => rejection('TOC_ACCESS_NOT_FOUND', 'There is no such dead letter.'),
});

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
  show(@CurrentPrincipal() principal: Principal, @Param('id', ID) id: string): Promise<DeadLetterView> {
    return this.deadLetters.show(principal, id);
  }

  @Post(':id/replay')
  @HttpCode(200)
  replay(@CurrentPrincipal() principal: Principal, @Param('id', ID) id: string): Promise<DeadLetterView> {
    return this.deadLetters.replay(principal, id);
  }
}
