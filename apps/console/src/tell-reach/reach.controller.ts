import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { ID_IN_PATH } from '#libs/runtime';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import { Matching } from '../request-properties.js';

/** On which channel. */
export class ReachAsked {
  @Matching(/^[a-z0-9][a-z0-9-]{0,62}$/) channel!: string;
}

/** How far the newest version of a row has come, in numbers of platforms. */
export class ReachShown {
  @ApiProperty() channel!: string;
  @ApiProperty({ format: 'uuid' }) row_id!: string;
  @ApiProperty({ type: 'integer' }) version!: number;
  @ApiProperty({ description: 'Otherwise the newest version is a withdrawal.' }) live!: boolean;
  @ApiProperty({ type: 'integer', description: 'Platforms that were ever told of the row as live.' }) told!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, to whom the newest version was disclosed.' })
  disclosed!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, with evidence that it was sent.' }) sent!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, with evidence that it was fetched.' }) fetched!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, whose own word there is.' }) confirmed!: number;
}

/** Who was told, and who has answered; platform-api knows, the console passes the question on. */
@ApiTags('rows')
@Controller('v1/rows')
export class ReachController {
  constructor(private readonly peers: Peers) {}

  @Get(':id/reach')
  @ApiOperation({ summary: 'How far a row, or its withdrawal, has come: told, disclosed, sent, fetched, confirmed' })
  @ApiOkResponse({ type: ReachShown })
  reach(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Query() { channel }: ReachAsked,
  ): Promise<Plain<ReachShown>> {
    authorise(principal, 'reach:read');
    return this.peers.platformApi.request('GET', `/internal/rows/${id}/reach`, { principal, query: { channel } });
  }
}
