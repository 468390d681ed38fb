import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { reasonIn } from '../hold-for-a-person/reason-in.js';
import { Doubts, type DoubtView } from './doubts.js';

/** What intake asks about lowered assertions, each time for a person of the agency. */
@Controller('internal/doubts')
@UseGuards(InternalGuard('intake'))
export class DoubtsController {
  constructor(private readonly doubts: Doubts) {}

  @Get()
  list(@CurrentPrincipal() principal: Principal): Promise<{ doubts: DoubtView[] }> {
    return this.doubts.list(principal);
  }

  @Post(':id/stand-by')
  @HttpCode(200)
  standBy(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<DoubtView> {
    return this.doubts.standBy(principal, id, reasonIn(body));
  }

  @Post(':id/retraction')
  @HttpCode(200)
  retract(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<DoubtView> {
    return this.doubts.retract(principal, id, reasonIn(body));
  }
}
