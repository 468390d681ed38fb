import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { ReachReader, type Reach } from './reach.js';

/** What the console asks, each time for a person. */
@ApiExcludeController()
@Controller('internal/rows')
@UseGuards(InternalGuard('console'))
export class ReachController {
  constructor(private readonly reader: ReachReader) {}

  @Get(':id/reach')
  reach(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query('channel') channel: string,
  ): Promise<Reach> {
    return this.reader.read(principal, channel, id);
  }
}
