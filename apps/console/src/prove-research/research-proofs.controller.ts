import { Controller, Get, Param } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import { Matching } from '../request-properties.js';

export class QuarterAsked {
  @Matching(/^20\d{2}-Q[1-4]$/, { description: 'The quarter, as 2026-Q3.' }) id!: string;
}

/** Whether what was published comes out the same when it is counted again from what was written down. */
export class ResearchProof {
  @ApiProperty() quarter!: string;
  @ApiProperty({ description: 'SHA-256 of what was published, in hex.' }) sha256!: string;
  @ApiProperty({ description: 'SHA-256 of what comes out now.' }) rebuilt_sha256!: string;
  @ApiProperty() same!: boolean;
}

/** platform-api publishes the open data; the console has it counted again. */
@ApiTags('research')
@Controller('v1/research-releases')
export class ResearchProofsController {
  constructor(private readonly peers: Peers) {}

  @Get(':id/proof')
  @ApiOperation({ summary: 'Count a published quarter again, and compare' })
  @ApiOkResponse({ type: ResearchProof })
  prove(@CurrentPrincipal() principal: Principal, @Param() { id }: QuarterAsked): Promise<Plain<ResearchProof>> {
    authorise(principal, 'audit:read');
    return this.peers.platformApi.request('GET', `/internal/research-releases/${id}/proof`, { principal });
  }
}
