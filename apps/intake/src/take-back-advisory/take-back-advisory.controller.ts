import { Controller, HttpCode, Param, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiBody, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AuthenticationGuard, CurrentPrincipal, type Principal } from '#libs/access';
import { readIdempotencyKey } from '../accept-submission/idempotency-key.js';
import type { Receipt } from '../accept-submission/receipt.js';
import { SubmissionReceiver } from '../accept-submission/submission-receiver.js';
import { ReceiptShown } from '../read-submission/submission.dto.js';
import { ID_IN_PATH } from '#libs/runtime';
import { SubmissionBodyApi } from '../submission-body-api.js';
import { AdvisoryOwner } from './advisory-owner.js';
import { Retractions } from './retractions.js';
import { RetractionGiven } from './retraction.dto.js';

/** What the issuer of an advisory does with it later: take it back, or state it anew. Both are submissions. */
@ApiTags('advisories')
@ApiBearerAuth()
@ApiHeader({ name: 'Idempotency-Key', required: false })
@Controller('v1/advisories')
@UseGuards(AuthenticationGuard)
export class TakeBackAdvisoryController {
  constructor(
    private readonly owner: AdvisoryOwner,
    private readonly retractions: Retractions,
    private readonly receiver: SubmissionReceiver,
  ) {}

  @Post(':id/retractions')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Take an advisory back, whole or in part',
    description: 'Goes before everything else. Another agency that says the same keeps its word.',
  })
  @ApiBody({ type: RetractionGiven })
  @ApiAcceptedResponse({ type: ReceiptShown })
  async retract(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) advisoryId: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Receipt> {
    const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
    const receipt = await this.retractions.receive(principal, advisoryId, request, idempotencyKey);
    response.location(receipt.status_url);
    return receipt;
  }

  @Post(':id/revisions')
  @HttpCode(202)
  @SubmissionBodyApi()
  @ApiOperation({
    summary: 'State an advisory anew',
    description: 'What the new revision no longer says is taken back when it was read to its end.',
  })
  @ApiAcceptedResponse({ type: ReceiptShown })
  async revise(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) advisoryId: string,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Receipt> {
    const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
    await this.owner.own(principal, advisoryId, 'advisory:revise');
    const receipt = await this.receiver.receive({ principal, kind: 'revision', advisoryId, idempotencyKey }, request);
    response.location(receipt.status_url);
    return receipt;
  }
}
