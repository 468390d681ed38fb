import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { RetractionReachReader, type RetractionReach } from './retraction-reach.js';
import { RetractionLists, type OverdueDuty, type RetractionListed } from './retractions.js';

const OVERDUE_PLACE = /^\d{4}-\d{2}-\d{2}T[\d:.]{8,15}Z_[0-9a-f-]{36}_[0-9a-f-]{36}_[a-z0-9-]{1,63}$/;

function fitting(value: unknown, fits: (text: string) => boolean): string | undefined {
  if (value === undefined) return undefined;
  if (typeof value === 'string' && fits(value)) return value;
  throw rejection('TOC_REQUEST_PARAMETER', 'a place in the list is given as the page before gave it, an id as an id');
}

/** What intake asks for agencies, and the console for operators and overseers, each time for a person. */
@ApiExcludeController()
@Controller('internal/retractions')
@UseGuards(InternalGuard('console', 'intake'))
export class RetractionsController {
  constructor(
    private readonly reader: RetractionReachReader,
    private readonly lists: RetractionLists,
  ) {}

  @Get()
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() { advisory, proposal, before }: Record<string, unknown>,
  ): Promise<{ retractions: RetractionListed[]; next?: string }> {
    const by = { advisory: fitting(advisory, isUUID), proposal: fitting(proposal, isUUID) };
    return this.lists.list(
      principal,
      by,
      fitting(before, (text) => /^\d{1,18}$/.test(text)),
    );
  }

  @Get('overdue')
  overdue(
    @CurrentPrincipal() principal: Principal,
    @Query('after') after?: unknown,
  ): Promise<{ overdue: OverdueDuty[]; next?: string }> {
    return this.lists.overdue(
      principal,
      fitting(after, (text) => OVERDUE_PLACE.test(text)),
    );
  }

  @Get(':id/reach')
  reach(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query('after') after?: unknown,
  ): Promise<RetractionReach> {
    return this.reader.read(principal, id, fitting(after, isUUID));
  }
}
