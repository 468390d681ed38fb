import { createHash } from 'node:crypto';
import { Controller, Get, Param, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { LineStream } from '../read-changes/line-stream.js';
import { ReadSlots } from '../read-changes/read-slots.js';
import { WithdrawalCursorLine, WithdrawalsAsked } from '../read-withdrawals/withdrawals.dto.js';
import { LookUpQuota } from './look-up-quota.js';
import { LookUpWithdrawals } from './look-up-withdrawals.js';
import { LookUps } from './look-ups.js';
import { ANSWER_LIVES_S, LookUpAnswerShown, LookUpTermsShown, showAnswer, showTerms } from './look-ups.dto.js';
import { padAnswer } from './pad-answer.js';

/** Tells what answers to a short prefix of a digest, so that nobody learns what was looked for. */
@ApiTags('look-up')
@ApiBearerAuth()
@Controller('v1/channels/:channel/look-up')
@UseGuards(AuthenticationGuard)
export class LookUpsController {
  constructor(
    private readonly lookUps: LookUps,
    private readonly withdrawals: LookUpWithdrawals,
    private readonly quota: LookUpQuota,
    private readonly slots: ReadSlots,
  ) {}

  @Get()
  @ApiOperation({ summary: 'How a channel is looked up: by how many digits, for which types, how often' })
  @ApiOkResponse({ type: LookUpTermsShown })
  async terms(
    @CurrentPrincipal() principal: Principal,
    @Param('channel') channelId: string,
  ): Promise<LookUpTermsShown> {
    authorise(principal, 'feed:read');
    const terms = await this.lookUps.terms(principal, channelId);
    return showTerms(channelId, terms, this.quota.of(terms.prefixLength));
  }

  @Get('withdrawals')
  @ApiOperation({
    summary: 'Every withdrawal of a channel that was ever looked up, also for a platform that is suspended or has left',
    description:
      'Withdrawals as published, as lines of JSON, in pages; a line of the type `cursor` ends each. What was looked up is not ' +
      'known, so all of them come, from the first look-up on; `since` takes a cursor.',
  })
  @ApiExtraModels(WithdrawalCursorLine)
  @ApiOkResponse({ content: { 'application/x-ndjson': { schema: { $ref: getSchemaPath(WithdrawalCursorLine) } } } })
  async readWithdrawals(
    @CurrentPrincipal() principal: Principal,
    @Param('channel') channelId: string,
    @Query() { since, limit }: WithdrawalsAsked,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    authorise(principal, 'feed:read');
    await this.slots.during(principal.organisationId, () =>
      LineStream.answer(request, response, async (stream) => {
        const pages = this.withdrawals.walk(principal, channelId, since, limit, stream.signal);
        for await (const { records, cursor, more } of pages) {
          const line: WithdrawalCursorLine = { type: 'cursor', cursor, more };
          await stream.write([...records, JSON.stringify(line)]);
        }
      }),
    );
  }

  @Get(':prefix')
  @ApiOperation({
    summary: 'Live rows of which the digest begins so',
    description:
      'All that a platform decides by, and no value. Nothing of the question is kept. The answer is dropped when it says.',
  })
  @ApiOkResponse({ type: LookUpAnswerShown })
  async answer(
    @CurrentPrincipal() principal: Principal,
    @Param('channel') channelId: string,
    @Param('prefix') prefix: string,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    authorise(principal, 'feed:read');
    const now = new Date();
    const answer = await this.slots.queued(principal.organisationId, () =>
      this.lookUps.answer(principal, channelId, prefix, now),
    );
    const expires = new Date(now.getTime() + ANSWER_LIVES_S * 1000);
    const { country, ...said } = answer;
    // Shared caches would know what was asked, and compressed answers how much is in them.
    response.setHeader('Cache-Control', `private, no-transform, max-age=${ANSWER_LIVES_S}`);
    response.setHeader('Expires', expires.toUTCString());
    const tag = `W/"${createHash('sha256').update(JSON.stringify(said)).digest('base64url')}"`;
    response.setHeader('ETag', tag);
    response.type('application/json');
    if (request.headers['if-none-match'] === tag) response.status(304).end();
    else response.end(padAnswer(showAnswer(channelId, said, country, expires)));
  }
}
