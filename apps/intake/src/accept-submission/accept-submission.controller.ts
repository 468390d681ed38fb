import { Controller, HttpCode, Post, Req, Res, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiHeader, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { ReceiptShown } from '../read-submission/submission.dto.js';
import { SubmissionBodyApi } from '../submission-body-api.js';
import { readIdempotencyKey } from './idempotency-key.js';
import type { Receipt } from './receipt.js';
import { SubmissionReceiver } from './submission-receiver.js';

/** Takes submissions of any registered format. */
@ApiTags('submissions')
@ApiBearerAuth()
@Controller('v1/submissions')
@UseGuards(AuthenticationGuard)
export class AcceptSubmissionController {
  constructor(private readonly receiver: SubmissionReceiver) {}

  @Post()
  @HttpCode(202)
  @SubmissionBodyApi()
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description:
      'Up to 200 visible characters. The same key with the same submission gives the same id; with another, 409.',
  })
  @ApiOperation({
    summary: 'Submit an advisory',
    description:
      'Any registered format, up to 1 GiB. The receipt says that it is kept, whatever happens to the machine.',
  })
  @ApiAcceptedResponse({ type: ReceiptShown })
  async accept(
    @CurrentPrincipal() principal: Principal,
    @Req() request: Request,
    @Res({ passthrough: true }) response: Response,
  ): Promise<Receipt> {
    authorise(principal, 'submission:create');
    const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
    const receipt = await this.receiver.receive({ principal, kind: 'advisory', idempotencyKey }, request);
    response.location(receipt.status_url);
    return receipt;
  }
}
