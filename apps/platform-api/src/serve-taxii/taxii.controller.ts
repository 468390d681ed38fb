import { All, Body, Controller, Delete, Get, Param, Post, Query, Req, Res, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { isUUID } from 'class-validator';
import type { Request, Response } from 'express';
import { authorise, CurrentPrincipal, KeyOrPasswordGuard, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import {
  AcceptGuard,
  answerPage,
  answerResource,
  apiRoot,
  collections,
  discovery,
  isEnvelope,
  pageForms,
  readObjectsQuery,
  TAXII_PATH,
  type AnsweredPage,
  type ObjectsAsked,
  type RawQuery,
} from '#libs/taxii';
import { ReadSlots } from '../read-changes/read-slots.js';
import { CollectionPages, type PageAsked } from './collection-pages.js';
import type { Given } from './collection-reading.js';
import { Collections } from './collections.js';
import { FeedbackCollection } from './feedback-collection.js';
import { TaxiiObjects } from './taxii-objects.js';

const ROOT = `${TAXII_PATH}/channels/`;
const BOUNDS = { usual: 100, most: 1000 };
/** Most bytes of an envelope of feedback. */
const LONGEST_BODY = 1024 * 1024;

const FORMS = pageForms<Given>(({ objects, dateAdded, version }) =>
  objects.map((object) => ({ ...object, dateAdded, version })),
);

/** TAXII 2.1: the channels that a platform fetches, as collections that it reads, and one into which it writes. */
@ApiExcludeController()
@Controller(TAXII_PATH)
@UseGuards(AcceptGuard, KeyOrPasswordGuard)
export class TaxiiController {
  constructor(
    private readonly collections: Collections,
    private readonly pages: CollectionPages,
    private readonly feedback: FeedbackCollection,
    private readonly objects: TaxiiObjects,
    private readonly slots: ReadSlots,
  ) {}

  @Get()
  discover(@CurrentPrincipal() principal: Principal, @Res() response: Response): void {
    authorise(principal, 'feed:read');
    const { exchangeName, publicUrl } = this.objects;
    const about = { title: exchangeName, description: 'Signals and bulletins that agencies publish for platforms' };
    answerResource(response, discovery(about, [`${publicUrl.replace(/\/+$/, '')}${ROOT}`]));
  }

  @Get('channels')
  root(@CurrentPrincipal() principal: Principal, @Res() response: Response): void {
    authorise(principal, 'feed:read');
    answerResource(
      response,
      apiRoot({
        title: 'Channels',
        description: 'Channels are read; feedback is written',
        max_content_length: LONGEST_BODY,
      }),
    );
  }

  @Get('channels/collections')
  async list(@CurrentPrincipal() principal: Principal, @Res() response: Response): Promise<void> {
    authorise(principal, 'feed:read');
    const all = await this.slots.queued(principal.organisationId, () => this.collections.of(principal));
    answerResource(response, collections([...all, this.feedback.of(principal)]));
  }

  @Get('channels/collections/:collection')
  async collection(
    @CurrentPrincipal() principal: Principal,
    @Param('collection') collection: string,
    @Res() response: Response,
  ): Promise<void> {
    authorise(principal, 'feed:read');
    const isFeedback = this.feedback.isIt(principal, collection);
    const shown = isFeedback ? this.feedback.of(principal) : await this.collections.get(principal, collection);
    answerResource(response, shown);
  }

  @Get('channels/collections/:collection/manifest')
  async manifest(
    @CurrentPrincipal() principal: Principal,
    @Param('collection') collection: string,
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    const asked = readObjectsQuery(query, BOUNDS);
    answerPage(response, await this.read(principal, collection, { ...FORMS.manifest, asked }));
  }

  @Get('channels/collections/:collection/objects')
  async envelope(
    @CurrentPrincipal() principal: Principal,
    @Param('collection') collection: string,
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    const asked = readObjectsQuery(query, BOUNDS);
    answerPage(response, await this.read(principal, collection, { ...FORMS.envelope, asked }));
  }

  @Get('channels/collections/:collection/objects/:object')
  async object(
    @CurrentPrincipal() principal: Principal,
    @Param('collection') collection: string,
    @Param('object') object: string,
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    answerPage(response, await this.read(principal, collection, { ...FORMS.envelope, asked: ofOne(query, object) }));
  }

  /** Of each object there is one version, the newest. */
  @Get('channels/collections/:collection/objects/:object/versions')
  async versions(
    @CurrentPrincipal() principal: Principal,
    @Param('collection') collection: string,
    @Param('object') object: string,
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    answerPage(response, await this.read(principal, collection, { ...FORMS.versions, asked: ofOne(query, object) }));
  }

  @Get('channels/status/:status')
  async status(
    @CurrentPrincipal() principal: Principal,
    @Param('status') status: string,
    @Res() response: Response,
  ): Promise<void> {
    authorise(principal, 'feedback:give');
    if (!isUUID(status)) this.nothing();
    answerResource(response, await this.feedback.status(principal, status));
  }

  /** Everything was judged when it is answered: no status is ever pending. */
  @Post('channels/collections/:collection/objects')
  async add(
    @CurrentPrincipal() principal: Principal,
    @Param('collection') collection: string,
    @Req() request: Request,
    @Body() envelope: unknown,
    @Res() response: Response,
  ): Promise<void> {
    if (!this.feedback.isIt(principal, collection)) return this.refuse(principal, collection);
    authorise(principal, 'feedback:give');
    if (!isEnvelope(request.headers['content-type']))
      throw rejection('TOC_SUBMISSION_FORMAT', 'what is taken here is an envelope, application/taxii+json;version=2.1');
    const { organisationId } = principal;
    const taken = await this.slots.during(organisationId, () => this.feedback.add(principal, envelope));
    answerResource(response, taken, 202);
  }

  @Delete('channels/collections/:collection/objects/:object')
  remove(@CurrentPrincipal() principal: Principal, @Param('collection') collection: string): Promise<never> {
    return this.refuse(principal, collection);
  }

  @All('*rest')
  nothing(): never {
    throw rejection('TOC_ACCESS_NOT_FOUND', 'there is nothing at this address');
  }

  private async refuse(principal: Principal, idOrAlias: string): Promise<never> {
    authorise(principal, 'feed:read');
    if (this.feedback.isIt(principal, idOrAlias)) throw onlyWritten();
    await this.collections.get(principal, idOrAlias);
    throw rejection('TOC_ACCESS_FORBIDDEN', 'this collection can be read, and not be written');
  }

  private async read(principal: Principal, idOrAlias: string, page: PageAsked): Promise<AnsweredPage> {
    authorise(principal, 'feed:read');
    if (this.feedback.isIt(principal, idOrAlias)) throw onlyWritten();
    const channel = await this.collections.find(principal, idOrAlias);
    return this.slots.queued(principal.organisationId, () => this.pages.answer(principal, channel, page));
  }
}

/** An object by its id is the collection with that filter. */
function ofOne(query: RawQuery, id: string): ObjectsAsked {
  return { ...readObjectsQuery(query, BOUNDS), ids: new Set([id.toLowerCase()]) };
}

function onlyWritten(): Error {
  return rejection('TOC_ACCESS_FORBIDDEN', 'this collection can be written, and not be read');
}
