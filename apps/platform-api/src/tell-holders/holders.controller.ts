import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { HolderReader, type Holders } from './holders.js';
import { HoldingReader, type Holdings } from './holdings.js';

function fitting(value: unknown, fits: (text: string) => boolean): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && fits(value)) return value;
  throw rejection('TOC_REQUEST_PARAMETER', 'a version is a number; a place is given as the page before gave it');
}

/** What the console asks, each time for a person. */
@ApiExcludeController()
@Controller('internal')
@UseGuards(InternalGuard('console'))
export class HoldersController {
  constructor(
    private readonly holderReader: HolderReader,
    private readonly holdingReader: HoldingReader,
  ) {}

  @Get('rows/:id/holders')
  holders(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query('channel') channel: string,
    @Query('version') version?: unknown,
    @Query('after') after?: unknown,
  ): Promise<Holders> {
    const asked = fitting(version, (text) => /^[1-9]\d{0,8}$/.test(text));
    return this.holderReader.read(principal, channel, id, asked ? Number(asked) : undefined, fitting(after, isUUID));
  }

  @Get('platforms/:id/holdings')
  holdings(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query('channel') channel: string,
    @Query('after') after?: unknown,
  ): Promise<Holdings> {
    const place = fitting(after, (text) => /^[01]\.\d{1,18}$/.test(text));
    return this.holdingReader.read(principal, id, channel, place);
  }
}
