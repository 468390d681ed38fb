import { Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { DeadLettersService, type DeadLetters, type KeptDeadLetter } from './dead-letters.service.js';

/** A dead letter as the service that keeps it tells it. */
export class DeadLetterShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: ['normaliser', 'delivery'] }) service!: string;
}

export class DeadLettersShown {
  @ApiProperty({ type: [DeadLetterShown] }) dead_letters!: DeadLetterShown[];
  @ApiProperty({ type: [String], description: 'Services that did not answer.' }) unavailable!: string[];
}

/** Dead letters of all services in one place. */
@ApiTags('dead letters')
@Controller('v1/dead-letters')
export class DeadLettersController {
  constructor(private readonly letters: DeadLettersService) {}

  @Get()
  @ApiOperation({ summary: 'What could not be worked on, in every service (operators)' })
  @ApiOkResponse({ type: DeadLettersShown })
  list(@CurrentPrincipal() principal: Principal): Promise<DeadLetters> {
    return this.letters.list(principal);
  }

  @Get(':id')
  @ApiOperation({ summary: 'One dead letter' })
  @ApiOkResponse({ type: DeadLetterShown })
  read(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<KeptDeadLetter> {
    return this.letters.read(principal, id);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @ApiOperation({ summary: 'Try it again' })
  @ApiOkResponse({ type: DeadLetterShown })
  replay(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<KeptDeadLetter> {
    return this.letters.replay(principal, id);
  }
}
