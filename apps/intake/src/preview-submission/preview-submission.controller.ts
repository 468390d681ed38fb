import { Controller, HttpCode, Post, Req, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { AuthenticationGuard, CurrentPrincipal, type Principal } from '#libs/access';
import { SubmissionBodyApi } from '../submission-body-api.js';
import { SubmissionPreview } from './preview.js';

@ApiTags('submissions')
@ApiBearerAuth()
@Controller('v1/submissions')
@UseGuards(AuthenticationGuard)
export class PreviewSubmissionController {
  constructor(private readonly previews: SubmissionPreview) {}

  @Post('preview')
  @HttpCode(200)
  @SubmissionBodyApi()
  @ApiOperation({
    summary: 'Say what a submission would do, and to whom',
    description: 'Takes the same bodies and parameters as a submission, up to 8 MiB. Nothing is published or kept.',
  })
  @ApiOkResponse({
    description: 'Counts, signals, holds, rejections, channels and the platforms they reach.',
    schema: { type: 'object', additionalProperties: true },
  })
  preview(@CurrentPrincipal() principal: Principal, @Req() request: Request): Promise<unknown> {
    return this.previews.preview(principal, request);
  }
}
