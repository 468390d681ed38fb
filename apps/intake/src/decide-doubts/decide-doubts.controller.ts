import { Body, Controller, Get, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { AuthenticationGuard, CurrentPrincipal, PeerClient, type Principal } from '#libs/access';
import { RETRACTION_REASONS } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { HoldDecision } from '../decide-holds/decide-holds.controller.js';

/** A case, as the normaliser tells it to this person. */
export class DoubtShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: Object.keys(RETRACTION_REASONS), description: 'Why another agency took the signals back.' })
  reason!: string;
  @ApiProperty({ format: 'date-time' }) opened_at!: string;
  @ApiProperty({ format: 'date-time' }) due_at!: string;
  @ApiProperty({ description: 'The ceilings stay lowered; the case can still be decided.' }) overdue!: boolean;
  @ApiProperty({ enum: ['open', 'stood-by', 'retracted'] }) state!: string;
  @ApiProperty() signals_total!: number;
}

export class DoubtsShown {
  @ApiProperty({ type: [DoubtShown] }) doubts!: DoubtShown[];
}

/**
 * What this agency asserts and another took back as an error. It counts as review at most until the agency stands by it
 * or takes it back too. The normaliser keeps the cases and decides what this person may do.
 */
@ApiTags('doubts')
@ApiBearerAuth()
@Controller('v1/doubts')
@UseGuards(AuthenticationGuard)
export class DecideDoubtsController {
  constructor(private readonly normaliser: PeerClient) {}

  @Get()
  @ApiOperation({ summary: 'Signals of this agency that another took back as an error, oldest case first' })
  @ApiOkResponse({ type: DoubtsShown })
  list(@CurrentPrincipal() principal: Principal): Promise<DoubtsShown> {
    return this.normaliser.request('GET', '/internal/doubts', { principal });
  }

  @Post(':id/stand-by')
  @HttpCode(200)
  @ApiOperation({ summary: 'Stand by what was said, as an approver who submitted none of it: the ceilings come back' })
  @ApiOkResponse({ type: DoubtShown })
  standBy(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: HoldDecision,
  ): Promise<DoubtShown> {
    return this.normaliser.request('POST', `/internal/doubts/${id}/stand-by`, { principal, json: { reason } });
  }

  @Post(':id/retraction')
  @HttpCode(200)
  @ApiOperation({ summary: 'Take the signals back too, for the same reason' })
  @ApiOkResponse({ type: DoubtShown })
  retract(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() { reason }: HoldDecision,
  ): Promise<DoubtShown> {
    return this.normaliser.request('POST', `/internal/doubts/${id}/retraction`, { principal, json: { reason } });
  }
}
