import { Controller, Get, Param, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { ReachPeer } from '../follow-retractions/reach-peer.js';

/** Signals that were offered to a platform on the advisory's word, and that it has. */
export class PlatformGivenShown {
  @ApiProperty({ format: 'uuid' }) platform_id!: string;
  @ApiProperty({ description: 'Its name.' }) platform!: string;
  @ApiProperty({ type: 'integer' }) offered!: number;
  @ApiProperty({ type: 'integer', description: 'Of which there is evidence that it was sent there, or fetched.' })
  fetched!: number;
}

export class AdvisoryReached {
  @ApiProperty({ format: 'uuid' }) advisory_id!: string;
  @ApiProperty({ type: 'integer', description: 'Signals that were looked at, each once on each channel.' })
  signals!: number;
  @ApiProperty({ description: 'Whether a channel has more than are looked at.' }) partly!: boolean;
  @ApiProperty({ type: [PlatformGivenShown] }) platforms!: PlatformGivenShown[];
  @ApiProperty({ type: 'integer', description: 'Platforms of which nothing is told here; operators follow them.' })
  followed_by_operators!: number;
}

/** To whom an advisory of one's own agency was offered, and who has it. platform-api counts. */
@ApiTags('reach')
@ApiBearerAuth()
@Controller('v1/advisories')
@UseGuards(AuthenticationGuard)
export class FollowAdvisoriesController {
  constructor(private readonly reach: ReachPeer) {}

  @Get(':id/reach')
  @ApiOperation({
    summary: 'To which platforms an advisory was offered, and which fetched it',
    description:
      'The answer is the same whether anybody else says the same or not. What platforms found or did is told in totals alone.',
  })
  @ApiOkResponse({ type: AdvisoryReached })
  ofAdvisory(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<AdvisoryReached> {
    authorise(principal, 'outcome:read', { organisationId: principal.organisationId });
    return this.reach.peer.request('GET', `/internal/advisories/${id}/reach`, { principal });
  }
}
