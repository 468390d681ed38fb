import { Body, Controller, Get, HttpCode, Param, ParseIntPipe, Post, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { ByteKeeper } from './byte-keeper.js';
import { readDecision, readSpill } from './destruction-orders.js';

const notFound = (): Error => rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object');
const SEQ = new ParseIntPipe({ exceptionFactory: notFound });

/** What the normaliser and the console ask of intake about the bytes of a submission and what was said beside them. */
@ApiExcludeController()
@Controller('internal/submissions')
export class ServePartsController {
  constructor(private readonly keeper: ByteKeeper) {}

  @Get(':id/parts/:seq')
  @UseGuards(InternalGuard('normaliser'))
  async part(
    @Param('id', ID_IN_PATH) id: string,
    @Param('seq', SEQ) seq: number,
    @Res() response: Response,
  ): Promise<void> {
    if (seq < 0 || seq > 1_000_000) throw notFound();
    response.type('application/octet-stream').send(await this.keeper.readPart(id, seq));
  }

  @Get(':id/parameters')
  @UseGuards(InternalGuard('normaliser'))
  parameters(@Param('id', ID_IN_PATH) id: string): Promise<Record<string, unknown>> {
    return this.keeper.readParameters(id);
  }

  /** The normaliser found what must not be here: a spill. */
  @Post(':id/spill')
  @UseGuards(InternalGuard('normaliser'))
  @HttpCode(200)
  async spill(@Param('id', ID_IN_PATH) id: string, @Body() body: unknown): Promise<object> {
    const { code, detail } = readSpill(body);
    await this.keeper.destroy(id, {
      actor: 'service:normaliser',
      action: 'destroy-spill',
      reason: code,
      detail: { found: detail },
    });
    return { id, bytes: 'purged' };
  }

  /** Two operators decided that the bytes are destroyed. */
  @Post(':id/purge')
  @UseGuards(InternalGuard('console'))
  @HttpCode(200)
  async purge(
    @Param('id', ID_IN_PATH) id: string,
    @CurrentPrincipal() principal: Principal,
    @Body() body: unknown,
  ): Promise<object> {
    const decision = readDecision(body, principal);
    await this.keeper.destroy(id, {
      actor: decision.confirmedBy,
      action: 'purge-submission',
      reason: decision.reason,
      detail: { proposal: decision.proposalId, proposed_by: decision.proposedBy },
    });
    return { id, bytes: 'purged' };
  }
}
