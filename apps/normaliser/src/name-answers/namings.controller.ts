import { Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { Namings, type NamingView } from './namings.js';

/** What platform-api asks for a person of a platform. */
@Controller('internal/namings')
@UseGuards(InternalGuard('platform-api'))
export class NamingsController {
  constructor(private readonly namings: Namings) {}

  @Get()
  list(@CurrentPrincipal() principal: Principal): Promise<{ namings: NamingView[] }> {
    return this.namings.list(principal);
  }

  @Post(':advisory')
  @HttpCode(200)
  begin(
    @CurrentPrincipal() principal: Principal,
    @Param('advisory', ID_IN_PATH) advisory: string,
  ): Promise<NamingView> {
    return this.namings.begin(principal, advisory);
  }

  @Post(':advisory/end')
  @HttpCode(204)
  end(@CurrentPrincipal() principal: Principal, @Param('advisory', ID_IN_PATH) advisory: string): Promise<void> {
    return this.namings.end(principal, advisory);
  }
}
