import { createHash } from 'node:crypto';
import { Controller, Get, Param, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiExtraModels, ApiOkResponse, ApiOperation, ApiTags, getSchemaPath } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { Channels } from '../entitle-platform/channels.js';
import { SignedCursors } from '../signed-cursors.js';
import { readChangeCursor, writeChangeCursor } from './change-cursor.js';
import { ChangePages, type ChangePage, type ReadFrom } from './change-pages.js';
import { ChangesAsked, CursorLine, cursorLine } from './changes.dto.js';
import { FeedBell } from './feed-bell.js';
import { LineStream } from './line-stream.js';
import { ReadSlots } from './read-slots.js';

/** A channel as a table and its changes: first what is live, then what becomes of it. */
@ApiTags('feed')
@ApiBearerAuth()
@Controller('v1/channels')
@UseGuards(AuthenticationGuard)
export class ChangesController {
  constructor(
    private readonly channels: Channels,
    private readonly pages: ChangePages,
    private readonly cursors: SignedCursors,
    private readonly bell: FeedBell,
    private readonly slots: ReadSlots,
  ) {}

  @Get(':channel/changes')
  @ApiOperation({
    summary: 'What changed in a channel, as lines of JSON',
    description:
      'Records as published, in pages; a line of the type `cursor` ends each. What was read up to such a line is gone on ' +
      'from with its cursor. Withdrawals come first, and come also when content is withheld.',
  })
  @ApiExtraModels(CursorLine)
  @ApiOkResponse({ content: { 'application/x-ndjson': { schema: { $ref: getSchemaPath(CursorLine) } } } })
  async read(
    @CurrentPrincipal() principal: Principal,
    @Param('channel') channelId: string,
    @Query() asked: ChangesAsked,
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    authorise(principal, 'feed:read');
    const { organisationId: platformId } = principal;
    const from =
      asked.cursor === undefined
        ? await this.channels.find(principal, channelId)
        : readChangeCursor(this.cursors, asked.cursor, { platformId, channelId });
    await this.slots.during(platformId, () =>
      LineStream.answer(request, response, async (stream) => {
        const first = await this.firstPage(principal, from, asked, stream.signal);
        if (isKnown(first, request, response)) response.status(304).end();
        else await this.write(principal, first, asked.limit, stream);
      }),
    );
  }

  /** Waits for something new where there is nothing, for as long as was asked. */
  private async firstPage(
    principal: Principal,
    from: ReadFrom,
    { cursor, limit, wait }: ChangesAsked,
    gone: AbortSignal,
  ): Promise<ChangePage> {
    const until = Date.now() + wait * 1000;
    let page = await this.pages.read(principal, from, limit, { presented: cursor !== undefined });
    while (page.records.length === 0 && !page.more && Date.now() < until && !gone.aborted) {
      await this.bell.wait(from.channelId, until - Date.now(), gone);
      page = await this.pages.read(principal, page.next, limit);
    }
    return page;
  }

  private async write(principal: Principal, first: ChangePage, limit: number, stream: LineStream): Promise<void> {
    let left = limit;
    for (let page = first; ; page = await this.pages.read(principal, page.next, left)) {
      left -= page.records.length;
      await stream.write([...page.records, cursorLine(page, writeChangeCursor(this.cursors, page.next))]);
      if (!page.more || left <= 0) return;
    }
  }
}

/** Whether the reader knows already that there is nothing new: an answer without records has a tag. */
function isKnown({ records, next, more }: ChangePage, request: Request, response: Response): boolean {
  if (records.length > 0 || more) return false;
  const { subscriptionId, revision, withdrawals, content, ended } = next;
  const place = [subscriptionId, revision, withdrawals, content, ended].join('/');
  const tag = `"${createHash('sha256').update(place).digest('base64url')}"`;
  response.setHeader('ETag', tag);
  return request.headers['if-none-match'] === tag;
}
