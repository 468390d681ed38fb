import { Controller, Get, Param, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsUUID, Matches } from 'class-validator';
import { AuthenticationGuard, CurrentPrincipal, type Principal } from '#libs/access';
import { TocsinError } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { SubmissionReader } from '../read-submission/submission-reader.js';
import { AdvisoryOwner } from '../take-back-advisory/advisory-owner.js';
import { ReachPeer } from './reach-peer.js';

/** Where a page of platforms begins. */
export class PlatformsPage {
  @ApiPropertyOptional({ format: 'uuid', description: 'The last platform of the page before.' })
  @IsOptional()
  @IsUUID()
  after?: string;
}

/** Where a page of retractions begins. */
export class RetractionsPage {
  @ApiPropertyOptional({ description: '`next` of the page before.' })
  @IsOptional()
  @Matches(/^\d{1,18}$/)
  before?: string;
}

/** How far a retraction has come to one platform. */
export class PlatformReached {
  @ApiProperty({ format: 'uuid' }) platform_id!: string;
  @ApiProperty({ description: 'Its name.' }) platform!: string;
  @ApiProperty({ description: 'Whether it was given everything by which your word ends there.' }) told!: boolean;
  @ApiProperty({ description: 'Whether it has said of all of it what it did.' }) confirmed!: boolean;
  @ApiProperty({ description: 'Its time for that ran out; operators ring it.' }) overdue!: boolean;
}

/** Platforms of which nothing is told here, whatever they received: operators follow them. */
export class FollowedByOperators {
  @ApiProperty({ type: 'integer' }) platforms!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, that left and stated, signed, what became of everything.' })
  closed_by_statement!: number;
}

/** How far a retraction has come, in numbers of platforms. */
export class RetractionReached {
  @ApiProperty({ format: 'uuid' }) retraction_id!: string;
  @ApiProperty({ description: 'Whether it is known of all of it who had it; until then numbers grow.' })
  followed!: boolean;
  @ApiProperty({ type: 'integer', description: 'Rows of channels that are no longer on your word.' }) rows!: number;
  @ApiProperty({ type: 'integer', description: 'Platforms that had your word.' }) had!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, that were told that it has ended.' }) told!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, that said what they did.' }) confirmed!: number;
  @ApiProperty({ type: 'integer' }) open!: number;
  @ApiProperty({ type: 'integer' }) overdue!: number;
  @ApiPropertyOptional({ format: 'date-time', description: 'Until then the first of the open ones has to answer.' })
  due_at?: string;
  @ApiPropertyOptional({ type: FollowedByOperators }) followed_by_operators?: FollowedByOperators;
  @ApiProperty({ type: [PlatformReached] }) platforms!: PlatformReached[];
  @ApiProperty() more!: boolean;
}

/** A retraction of an advisory, or of a part of it. */
export class RetractionListed {
  @ApiProperty({ format: 'uuid', description: 'The submission that took it back.' }) retraction_id!: string;
  @ApiProperty({ type: [String] }) reasons!: string[];
  @ApiProperty({ format: 'date-time' }) began_at!: string;
  @ApiProperty({ type: 'integer' }) rows!: number;
}

export class RetractionsListed {
  @ApiProperty({ type: [RetractionListed] }) retractions!: RetractionListed[];
  @ApiPropertyOptional({ description: 'What to ask for as `before`; absent on the last page.' }) next?: string;
}

const NOTHING_YET = {
  followed: false,
  rows: 0,
  had: 0,
  told: 0,
  confirmed: 0,
  open: 0,
  overdue: 0,
  platforms: [],
  more: false,
};

/** What an agency is told of how far its own retractions have come. platform-api counts. */
@ApiTags('reach')
@ApiBearerAuth()
@Controller('v1')
@UseGuards(AuthenticationGuard)
export class FollowRetractionsController {
  constructor(
    private readonly submissions: SubmissionReader,
    private readonly owner: AdvisoryOwner,
    private readonly reach: ReachPeer,
  ) {}

  @Get('submissions/:id/reach')
  @ApiOperation({
    summary: 'How far what a submission took back has come: had it, told, confirmed',
    description:
      'Of a retraction or revision, and of a submission that was taken back as a whole. The answer is the same whether ' +
      'anybody else says the same or not, so that it never says whether a row is still live.',
  })
  @ApiOkResponse({ type: RetractionReached })
  async ofSubmission(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { after }: PlatformsPage,
  ): Promise<RetractionReached> {
    await this.submissions.row(principal, id);
    try {
      return await this.reach.peer.request('GET', `/internal/retractions/${id}/reach`, { principal, query: { after } });
    } catch (thrown) {
      // It is this agency's, and nothing was taken back by it, or not yet.
      if (thrown instanceof TocsinError && thrown.code === 'TOC_ACCESS_NOT_FOUND')
        return { retraction_id: id, ...NOTHING_YET };
      throw thrown;
    }
  }

  @Get('advisories/:id/retractions')
  @ApiOperation({ summary: 'What was taken back of an advisory, newest first; each has its reach' })
  @ApiOkResponse({ type: RetractionsListed })
  async ofAdvisory(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { before }: RetractionsPage,
  ): Promise<RetractionsListed> {
    await this.owner.find(principal, id);
    return this.reach.peer.request('GET', '/internal/retractions', { principal, query: { advisory: id, before } });
  }
}
