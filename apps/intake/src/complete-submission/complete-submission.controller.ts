import { Body, Controller, HttpCode, Inject, Param, Patch, UseGuards } from '@nestjs/common';
import { ApiAcceptedResponse, ApiBearerAuth, ApiBody, ApiOperation, ApiTags } from '@nestjs/swagger';
import { DataSource } from 'typeorm';
import { AuthenticationGuard, authorise, CurrentPrincipal, PeerClient, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { readSubmissionParameters } from '#libs/events';
import { refuseUnknownChannels } from '../accept-submission/named-channels.js';
import { IntakeConfig, levelsOf } from '../config.js';
import { StoryShown } from '../read-submission/submission.dto.js';
import { SubmissionReader, type Story } from '../read-submission/submission-reader.js';
import { ID_IN_PATH } from '#libs/runtime';
import { refuseMarkedParameters } from '../scan-parts/marked-parameters.js';

/** A patch as JSON merge patch has it (RFC 7396): null takes a parameter away. */
function readPatch(body: unknown): Record<string, unknown> {
  if (typeof body !== 'object' || body === null || Array.isArray(body) || Object.keys(body).length === 0) {
    throw rejection('TOC_REQUEST_PARAMETER', 'a JSON object with the parameters to change is asked for');
  }
  return { ...body };
}

/** Adds to a held submission what was missing, and has it normalised again. */
@ApiTags('submissions')
@ApiBearerAuth()
@Controller('v1/submissions')
@UseGuards(AuthenticationGuard)
export class CompleteSubmissionController {
  constructor(
    private readonly reader: SubmissionReader,
    private readonly normaliser: PeerClient,
    private readonly database: DataSource,
    @Inject(IntakeConfig) private readonly config: IntakeConfig,
  ) {}

  @Patch(':id')
  @HttpCode(202)
  @ApiOperation({
    summary: 'Complete a held submission',
    description:
      'Parameters to set, or null to take one away. The submission is normalised again; what a second person released before has to be released again.',
  })
  @ApiBody({ schema: { type: 'object', additionalProperties: true } })
  @ApiAcceptedResponse({ type: StoryShown })
  async complete(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<Story> {
    const row = await this.reader.row(principal, id);
    authorise(principal, 'submission:complete', { organisationId: row.agency_id, submittedBy: row.person_id });
    const patch = readPatch(body);
    const set = Object.fromEntries(Object.entries(patch).filter(([, value]) => value !== null));
    const parameters = readSubmissionParameters(set);
    refuseMarkedParameters(parameters, levelsOf(this.config));
    await refuseUnknownChannels(this.database, parameters.channels);
    return this.normaliser.request('POST', `/internal/submissions/${id}/completion`, { principal, json: patch });
  }
}
