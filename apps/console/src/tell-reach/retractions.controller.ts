import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import { Id, Matching } from '../request-properties.js';

/** What was taken back by what two operators decided. */
export class RetractionsAsked {
  @Id({ description: 'The proposal, as of an undoing.' }) proposal!: string;
  @Matching(/^\d{1,18}$/, { optional: true, description: '`next` of the page before.' }) before?: string;
}

/** Where a page of overdue ones begins. */
export class OverduePage {
  @Matching(/^[0-9TZ:.a-z_-]{1,200}$/, { optional: true, description: '`next` of the page before.' }) after?: string;
}

/** Where a page of platforms begins. */
export class PlatformsPage {
  @Id({ optional: true, description: 'The last platform of the page before.' }) after?: string;
}

/** How far a retraction has come, with the words of platforms. */
export class RetractionShown {
  @ApiProperty({ format: 'uuid' }) retraction_id!: string;
  @ApiProperty({ type: 'integer', description: 'Platforms that had the word.' }) had!: number;
  @ApiProperty({ type: 'integer' }) told!: number;
  @ApiProperty({ type: 'integer' }) confirmed!: number;
  @ApiProperty({ type: 'integer' }) open!: number;
  @ApiProperty({ type: 'integer' }) overdue!: number;
  @ApiProperty() more!: boolean;
}

export class RetractionsShown {
  @ApiPropertyOptional({ description: 'What to ask for as `before`; absent on the last page.' }) next?: string;
}

export class OverdueShown {
  @ApiPropertyOptional({ description: 'What to ask for as `after`; absent on the last page.' }) next?: string;
}

/** What was taken back, and at which platforms its clock ran out; platform-api knows, the console passes the question on. */
@ApiTags('retractions')
@Controller('v1/retractions')
export class RetractionsController {
  constructor(private readonly peers: Peers) {}

  @Get()
  @ApiOperation({ summary: 'What was taken back by a proposal, newest first; each has its reach' })
  @ApiOkResponse({ type: RetractionsShown })
  list(
    @CurrentPrincipal() principal: Principal,
    @Query() { proposal, before }: RetractionsAsked,
  ): Promise<Plain<RetractionsShown>> {
    authorise(principal, 'reach:read');
    return this.ask(principal, '', { proposal, before });
  }

  @Get('overdue')
  @ApiOperation({
    summary: 'Whom to ring: platforms that did not say in time what they did, longest first, with their desks',
  })
  @ApiOkResponse({ type: OverdueShown })
  overdue(@CurrentPrincipal() principal: Principal, @Query() { after }: OverduePage): Promise<Plain<OverdueShown>> {
    authorise(principal, 'reach:read');
    return this.ask(principal, '/overdue', { after });
  }

  @Get(':id/reach')
  @ApiOperation({ summary: 'How far a retraction has come: had it, told, confirmed, and with which words' })
  @ApiOkResponse({ type: RetractionShown })
  reach(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { after }: PlatformsPage,
  ): Promise<Plain<RetractionShown>> {
    authorise(principal, 'reach:read');
    return this.ask(principal, `/${id}/reach`, { after });
  }

  private ask<Answer>(principal: Principal, path: string, query: Record<string, string | undefined>): Promise<Answer> {
    return this.peers.platformApi.request('GET', `/internal/retractions${path}`, { principal, query });
  }
}
