import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { AdvisoryReachReader, type AdvisoryReach } from './advisory-reach.js';

/** What intake asks for a person of an agency. */
@ApiExcludeController()
@Controller('internal/advisories')
@UseGuards(InternalGuard('intake'))
export class AdvisoryReachController {
  constructor(private readonly reader: AdvisoryReachReader) {}

  @Get(':id/reach')
  reach(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<AdvisoryReach> {
    return this.reader.read(principal, id);
  }
}
