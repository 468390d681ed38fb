import { Body, Controller, Get, HttpCode, Param, Post, Query, Req, UseGuards } from '@nestjs/common';
import { CurrentPrincipal, InternalGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import type { Request } from 'express';
import type { DataSource } from 'typeorm';
import { OpenDocuments } from './assert-documents/open-documents.js';
import { purgeWords } from './erase-words/erase-words.js';
import { completeSubmission } from './hold-for-a-person/complete-submission.js';
import type { HoldView } from './hold-for-a-person/hold-view.js';
import { Holds } from './hold-for-a-person/holds.js';
import { reasonIn } from './hold-for-a-person/reason-in.js';
import { NormaliserDatabase } from './injection.js';
import { previewSubmission, type Preview } from './preview-submission/preview.js';
import { DirectoryReader } from './read-directory/directory-snapshot.js';
import { JobParameters } from './read-documents/job-parameters.js';
import { orderRebuild } from './rebuild-channels/order-rebuild.js';
import type { DeadLetterView } from './replay-dead-letters/dead-letter-view.js';
import { DeadLetters } from './replay-dead-letters/dead-letters.js';
import { readAdvisory, readStates, tellStory, type Story } from './tell-the-story/story.js';
import { Wakers } from './work-through-jobs/wakers.js';

const LARGEST_PREVIEW = 8 * 1024 * 1024;

async function readBody(request: Request): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    size += piece.length;
    if (size > LARGEST_PREVIEW) throw rejection('TOC_REQUEST_TOO_LARGE', 'a preview takes up to 8 MiB');
    pieces.push(piece);
  }
  return Buffer.concat(pieces);
}

/** What intake and console ask of the normaliser, each time for a person. */
@Controller('internal')
@UseGuards(InternalGuard('intake', 'console'))
export class InternalController {
  constructor(
    @NormaliserDatabase() private readonly database: DataSource,
    private readonly documents: OpenDocuments,
    private readonly directoryReader: DirectoryReader,
    private readonly parameters: JobParameters,
    private readonly holds: Holds,
    private readonly deadLetters: DeadLetters,
    private readonly wakers: Wakers,
  ) {}

  @Get('submissions')
  states(@Query('ids') ids: string): Promise<{ id: string; state: string; settled_at: string | null }[]> {
    return readStates(this.database, ids.split(',').slice(0, 500));
  }

  @Get('submissions/:id')
  story(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<Story> {
    return tellStory(this.database, principal, id);
  }

  @Post('submissions/:id/completion')
  @HttpCode(202)
  async complete(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() patch: Record<string, unknown>,
  ): Promise<Story> {
    await completeSubmission(this.database, this.parameters, principal, id, patch);
    this.wakers.wake();
    return tellStory(this.database, principal, id);
  }

  @Post('submissions/:id/purge')
  @HttpCode(200)
  async purge(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<{ id: string }> {
    await purgeWords(this.database, principal, id);
    this.documents.forget(id);
    return { id };
  }

  @Post('previews')
  @HttpCode(200)
  async preview(
    @CurrentPrincipal() principal: Principal,
    @Query() given: Record<string, unknown>,
    @Req() request: Request,
  ): Promise<Preview> {
    const { format } = given;
    if (typeof format !== 'string') throw rejection('TOC_REQUEST_PARAMETER', 'a preview names its format');
    return previewSubmission(this.documents, principal, format, given, await readBody(request));
  }

  @Get('advisories/:id')
  advisory(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
  ): Promise<{ id: string; agency_id: string; state: string; revision: number }> {
    return readAdvisory(this.database, principal, id);
  }

  @Get('holds')
  listHolds(
    @CurrentPrincipal() principal: Principal,
    @Query('after') after?: string,
  ): Promise<{ holds: HoldView[]; more: boolean }> {
    return this.holds.list(principal, after);
  }

  @Post('holds/:id/release')
  @HttpCode(200)
  release(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<HoldView> {
    return this.holds.release(principal, id, reasonIn(body));
  }

  @Post('holds/:id/refusal')
  @HttpCode(200)
  refuse(
    @CurrentPrincipal() principal: Principal,
    @Param('id', ID_IN_PATH) id: string,
    @Body() body: unknown,
  ): Promise<HoldView> {
    return this.holds.refuse(principal, id, reasonIn(body));
  }

  @Get('dead-letters')
  async listDeadLetters(@CurrentPrincipal() principal: Principal): Promise<{ dead_letters: DeadLetterView[] }> {
    return { dead_letters: await this.deadLetters.list(principal) };
  }

  @Get('dead-letters/:id')
  deadLetter(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<DeadLetterView> {
    return this.deadLetters.show(principal, id);
  }

  @Post('dead-letters/:id/replay')
  @HttpCode(200)
  replay(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<DeadLetterView> {
    return this.deadLetters.replay(principal, id);
  }

  @Post('rebuilds')
  @HttpCode(202)
  async rebuild(
    @CurrentPrincipal() principal: Principal,
    @Body() body: { channel?: unknown; proposal_id?: unknown },
  ): Promise<{ id: string }> {
    if (typeof body.channel !== 'string' || typeof body.proposal_id !== 'string') {
      throw rejection('TOC_REQUEST_PARAMETER', 'a rebuild names its channel and the proposal that decided it');
    }
    const ordered = await orderRebuild(this.database, this.directoryReader, principal, body.channel, body.proposal_id);
    this.wakers.wake();
    return ordered;
  }
}
