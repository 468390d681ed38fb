import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import { Id, Matching } from '../request-properties.js';

const CHANNEL = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** On which channel, of which version. */
export class HoldersAsked {
  @Matching(CHANNEL) channel!: string;
  @Matching(/^[1-9]\d{0,8}$/, { optional: true, description: 'Absent: the newest version.' }) version?: string;
  @Id({ optional: true, description: 'The last platform of the page before.' }) after?: string;
}

/** Of which channel. */
export class HoldingsAsked {
  @Matching(CHANNEL) channel!: string;
  @Matching(/^[01]\.\d{1,18}$/, { optional: true, description: '`next` of the page before.' }) after?: string;
}

/** Who holds a version of a row, or an older one, as live. */
export class HoldersShown {
  @ApiProperty({ format: 'uuid' }) row_id!: string;
  @ApiProperty({ type: 'integer', description: 'The version asked about.' }) version!: number;
  @ApiProperty({ type: 'integer' }) newest!: number;
  @ApiProperty({ description: 'Whether the newest version is live.' }) live!: boolean;
  @ApiProperty({ type: 'integer', description: 'Platforms that hold this version or an older one.' }) holders!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, that hold exactly this version.' }) exactly!: number;
  @ApiProperty() more!: boolean;
}

/** What a platform holds of a channel; a page may hold none and still have a next one. */
export class HoldingsShown {
  @ApiProperty({ format: 'uuid' }) platform_id!: string;
  @ApiProperty() channel!: string;
  @ApiPropertyOptional({ description: 'What to ask for as `after`; absent on the last page.' }) next?: string;
}

/** Who holds what; platform-api knows, the console passes the question on. */
@ApiTags('rows')
@Controller('v1')
export class HoldersController {
  constructor(private readonly peers: Peers) {}

  @Get('rows/:id/holders')
  @ApiOperation({ summary: 'Platforms that hold a version of a row, or an older one, and know of nothing newer' })
  @ApiOkResponse({ type: HoldersShown })
  holders(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { channel, version, after }: HoldersAsked,
  ): Promise<Plain<HoldersShown>> {
    authorise(principal, 'reach:read');
    const query = { channel, version, after };
    return this.peers.platformApi.request('GET', `/internal/rows/${id}/holders`, { principal, query });
  }

  @Get('platforms/:id/holdings')
  @ApiOperation({ summary: 'Rows of a channel that a platform holds as live, and in which version' })
  @ApiOkResponse({ type: HoldingsShown })
  holdings(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { channel, after }: HoldingsAsked,
  ): Promise<Plain<HoldingsShown>> {
    authorise(principal, 'reach:read');
    const query = { channel, after };
    return this.peers.platformApi.request('GET', `/internal/platforms/${id}/holdings`, { principal, query });
  }
}
