import { Body, Controller, Get, HttpCode, Post, Query, UseGuards } from '@nestjs/common';
import type { DataSource } from 'typeorm';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { NormaliserDatabase } from '../injection.js';
import { Wakers } from '../work-through-jobs/wakers.js';
import { readUndoSelection } from './undo-selection.js';
import { orderUndo, previewUndo, type UndoPreview } from './undo-submitter.js';

/** What the console asks for operators who undo a submitter. */
@Controller('internal/undoings')
@UseGuards(InternalGuard('console'))
export class UndoSubmitterController {
  constructor(
    @NormaliserDatabase() private readonly database: DataSource,
    private readonly wakers: Wakers,
  ) {}

  @Get('preview')
  preview(@CurrentPrincipal() principal: Principal, @Query() given: Record<string, unknown>): Promise<UndoPreview> {
    return previewUndo(this.database, principal, readUndoSelection(given));
  }

  @Post()
  @HttpCode(202)
  async order(
    @CurrentPrincipal() principal: Principal,
    @Body() body: { selection?: unknown; proposal_id?: unknown; reason?: unknown },
  ): Promise<{ submissions: number }> {
    const { selection, proposal_id: proposalId, reason } = body;
    if (
      typeof selection !== 'object' ||
      selection === null ||
      typeof proposalId !== 'string' ||
      typeof reason !== 'string'
    )
      throw rejection('TOC_REQUEST_PARAMETER', 'an undoing names its selection, the proposal that decided it, and why');
    const ordered = await orderUndo(this.database, principal, readUndoSelection({ ...selection }), {
      proposalId,
      reason,
    });
    this.wakers.wake();
    return ordered;
  }
}
