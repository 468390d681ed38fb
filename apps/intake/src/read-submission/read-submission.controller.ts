import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthenticationGuard, CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { StoryShown, SubmissionsPage, SubmissionsShown } from './submission.dto.js';
import { SubmissionReader, type SubmissionListed, type SubmissionTold } from './submission-reader.js';

/** What an agency is told of its submissions. */
@ApiTags('submissions')
@ApiBearerAuth()
@Controller('v1/submissions')
@UseGuards(AuthenticationGuard)
export class ReadSubmissionController {
  constructor(private readonly reader: SubmissionReader) {}

  @Get()
  @ApiOperation({ summary: 'Submissions of this key’s agency, newest first' })
  @ApiOkResponse({ type: SubmissionsShown })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() { limit, after }: SubmissionsPage,
  ): Promise<{ submissions: SubmissionListed[]; more: boolean }> {
    return this.reader.list(principal, limit, after);
  }

  @Get(':id')
  @ApiOperation({ summary: 'The receipt and the whole story of a submission' })
  @ApiOkResponse({ type: StoryShown })
  read(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<SubmissionTold> {
    return this.reader.read(principal, id);
  }
}
