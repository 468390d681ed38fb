import { Body, Controller, Get, Header, HttpCode, Param, Post, Req } from '@nestjs/common';
import { ApiBody, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import type { Request } from 'express';
import { CHALLENGE_REASONS, CHALLENGE_ROLES, CHALLENGE_SENTENCE_LIMIT } from '#libs/domain';
import { askingAddress } from './asking-address.js';
import { ChallengeReferences } from './challenge-references.js';
import { ChallengeTaker, DeskQuota } from './challenge-taker.js';

/** What somebody without an account challenges. */
export class ChallengeGiven {
  @ApiProperty({ description: 'An address, a host name, or a digest that was computed where the file is.' })
  item!: string;
  @ApiProperty({ enum: CHALLENGE_ROLES }) role!: string;
  @ApiProperty({ enum: CHALLENGE_REASONS }) reason!: string;
  @ApiPropertyOptional({ maxLength: CHALLENGE_SENTENCE_LIMIT, description: 'One line; it may not name a person.' })
  sentence?: string;
}

/** What is told of a challenge, the same whether anything is listed or not. */
export class ChallengeShown {
  @ApiProperty() reference!: string;
  @ApiProperty({ enum: ['received', 'closed'] }) state!: string;
  @ApiProperty({ format: 'date' }) closes_on!: string;
  @ApiProperty() says!: string;
}

/** The public desk: no account, and no answer that tells whether something is listed. */
@ApiTags('challenges')
@Controller('v1/challenges')
export class ChallengesController {
  constructor(
    private readonly taker: ChallengeTaker,
    private readonly references: ChallengeReferences,
    private readonly quota: DeskQuota,
  ) {}

  @Post()
  @HttpCode(202)
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Say that something is wrong, should it be listed (no key)',
    description: 'The answer is the same whether it is listed or not. The reference is all that there is to ask by.',
    security: [],
  })
  @ApiBody({ type: ChallengeGiven })
  @ApiOkResponse({ type: ChallengeShown })
  give(@Body() body: unknown, @Req() request: Request): Promise<ChallengeShown> {
    return this.taker.take(body, askingAddress(request, this.quota.proxies));
  }

  @Get(':reference')
  @Header('cache-control', 'no-store')
  @ApiOperation({
    summary: 'Whether a challenge is still being looked at: until the same day for all (no key)',
    security: [],
  })
  @ApiOkResponse({ type: ChallengeShown })
  read(@Param('reference') reference: string): ChallengeShown {
    return this.references.read(reference, new Date());
  }
}
