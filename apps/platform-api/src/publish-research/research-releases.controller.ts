import { Controller, Get, Param, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { ResearchReleases, type ResearchProof } from './research-releases.js';

const CACHED = 'public, max-age=3600';

/** A quarter of which there is open data. */
export class ResearchReleaseListed {
  @ApiProperty({ pattern: '^20\\d{2}-Q[1-4]$' }) quarter!: string;
  @ApiProperty({ format: 'date-time' }) published_at!: Date;
  @ApiProperty({ description: 'SHA-256 of its bytes, in hex.' }) sha256!: string;
}

export class ResearchReleasesListed {
  @ApiProperty({ type: [ResearchReleaseListed] }) releases!: ResearchReleaseListed[];
}

/** Open data for anybody. */
@ApiTags('research')
@Controller('v1/research-releases')
export class ResearchReleasesController {
  constructor(private readonly releases: ResearchReleases) {}

  @Get()
  @ApiOperation({ summary: 'Quarters of which there is open data, newest first (no key)', security: [] })
  @ApiOkResponse({ type: ResearchReleasesListed })
  async list(@Res({ passthrough: true }) response: Response): Promise<ResearchReleasesListed> {
    response.set('cache-control', CACHED);
    return { releases: await this.releases.list() };
  }

  @Get(':quarter')
  @ApiOperation({
    summary: 'Counts of a quarter, never changed (no key)',
    description: 'No values, rows, agencies or platforms; small counts are withheld. Explained in docs/research.md.',
    security: [],
  })
  @ApiOkResponse({ description: 'A document of format `tocsin.research-release.v1`.' })
  async read(@Param('quarter') quarter: string, @Res() response: Response): Promise<void> {
    const { body, sha256 } = await this.releases.read(quarter);
    response
      .set({ 'cache-control': CACHED, etag: `"${sha256}"` })
      .type('application/json; charset=utf-8')
      .send(body);
  }
}

/** What the console asks for operators and overseers. */
@ApiExcludeController()
@Controller('internal/research-releases')
@UseGuards(InternalGuard('console'))
export class ResearchProofsController {
  constructor(private readonly releases: ResearchReleases) {}

  @Get(':quarter/proof')
  prove(@CurrentPrincipal() principal: Principal, @Param('quarter') quarter: string): Promise<ResearchProof> {
    return this.releases.prove(principal, quarter);
  }
}
