import { Controller, Get, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { LineStream } from '../read-changes/line-stream.js';
import { ReadSlots } from '../read-changes/read-slots.js';
import { SignedCursors } from '../signed-cursors.js';
import { readWithdrawalCursor, writeWithdrawalCursor } from './withdrawal-cursor.js';
import { WithdrawalPages } from './withdrawal-pages.js';
import { WithdrawalCursorLine, WithdrawalsAsked } from './withdrawals.dto.js';

/** What was taken back of everything that a platform fetched, whatever it may fetch now. */
@ApiTags('feed')
@ApiBearerAuth()
@Controller('v1/withdrawals')
@UseGuards(AuthenticationGuard)
export class WithdrawalsController {
  constructor(
    private readonly pages: WithdrawalPages,
    private readonly cursors: SignedCursors,
    private readonly slots: ReadSlots,
  ) {}

  @Get()
  @ApiOperation({
    summary: 'Withdrawals of all channels, also for a platform that is suspended or has left',
    description:
      'Withdrawals, as lines of JSON, of rows that this platform fetched; one may come again, which the version rule makes harmless. A ' +
      'line of the type `cursor` ends each page; `since` takes its cursor.',
  })
  @ApiExtraModels(WithdrawalCursorLine)
  @ApiOkResponse({ content: { 'application/x-ndjson': { schema: { $ref: getSchemaPath(WithdrawalCursorLine) } } } })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Query() { since, limit }: WithdrawalsAsked,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    authorise(principal, 'feed:read');
    const { organisationId } = principal;
    const positions =
      since === undefined ? new Map<string, bigint>() : readWithdrawalCursor(this.cursors, since, organisationId);
    await this.slots.during(organisationId, () =>
      LineStream.answer(request, response, async (stream) => {
        for await (const { records, positions: read, more } of this.pages.walk(
          principal,
          positions,
          limit,
          stream.signal,
        )) {
          const cursor = writeWithdrawalCursor(this.cursors, organisationId, read);
          const line: WithdrawalCursorLine = { type: 'cursor', cursor, more };
          await stream.write([...records, JSON.stringify(line)]);
        }
      }),
    );
  }
}
