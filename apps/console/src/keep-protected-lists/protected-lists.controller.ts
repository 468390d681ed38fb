import { Body, Controller, Get, Param, Put, Query } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { CurrentPrincipal, type Principal } from '#libs/access';
import {
  ProtectedListGiven,
  ProtectedListShown,
  ProtectedListsShown,
  ProtectedListSummary,
  Replacement,
  showList,
  summariseList,
} from './protected-list.dto.js';
import { ProtectedListsService } from './protected-lists.service.js';
import type { Plain } from '../plain.js';

/** Protected lists; agencies may read them, to see what would hold their items. */
@ApiTags('protected lists')
@Controller('v1/protected-lists')
export class ProtectedListsController {
  constructor(private readonly lists: ProtectedListsService) {}

  @Get()
  @ApiOperation({ summary: 'The protected lists, without their entries' })
  @ApiOkResponse({ type: ProtectedListsShown })
  async list(@CurrentPrincipal() principal: Principal): Promise<Plain<ProtectedListsShown>> {
    return { protected_lists: (await this.lists.list(principal)).map(summariseList) };
  }

  @Get(':id')
  @ApiOperation({ summary: 'One protected list' })
  @ApiOkResponse({ type: ProtectedListShown })
  async read(@CurrentPrincipal() principal: Principal, @Param('id') id: string): Promise<Plain<ProtectedListShown>> {
    return showList(await this.lists.read(principal, id));
  }

  @Put(':id')
  @ApiOperation({
    summary: 'Replace a list as a whole (operators)',
    description:
      'Takes `{title, judges, entries}`, or a MISP warninglist of type string, hostname or cidr with `judges` in the query; up to 1 MiB. What protects less than before is put in force by two operators together: propose replace-protected-list.',
  })
  @ApiBody({ type: ProtectedListGiven })
  @ApiOkResponse({ type: ProtectedListSummary })
  async replace(
    @CurrentPrincipal() principal: Principal,
    @Param('id') id: string,
    @Body() given: unknown,
    @Query() how: Replacement,
  ): Promise<Plain<ProtectedListSummary>> {
    return summariseList(await this.lists.replace(principal, id, given, how));
  }
}
