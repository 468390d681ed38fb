import {
  All,
  Controller,
  Delete,
  Get,
  HttpCode,
  Inject,
  Param,
  Post,
  Query,
  Req,
  Res,
  UseGuards,
} from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { isUUID } from 'class-validator';
import { authorise, CurrentPrincipal, KeyOrPasswordGuard, type Action, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { collectionId } from '#libs/stix';
import {
  AcceptGuard,
  answerPage,
  answerResource,
  apiRoot,
  collection,
  collections,
  discovery,
  isEnvelope,
  pageForms,
  readObjectsQuery,
  TAXII_PATH,
  type Collection,
  type GivenObject,
  type ObjectsAsked,
  type RawQuery,
} from '#libs/taxii';
import { readWholeDocument } from '../accept-submission/document-body.js';
import { readIdempotencyKey } from '../accept-submission/idempotency-key.js';
import { SubmissionReceiver } from '../accept-submission/submission-receiver.js';
import { IntakeConfig } from '../config.js';
import { AgencyPages, type PageAsked } from './agency-pages.js';
import { ObjectDeletion } from './object-deletion.js';
import { placeObjects } from './place-objects.js';
import { LONGEST_ENVELOPE, readEnvelope } from './read-envelope.js';
import { SubmittedStatus } from './submitted-status.js';

const BOUNDS = { usual: 100, most: 1000 };
const ALIAS = 'submitted';
const FORMAT = 'stix21';

const FORMS = pageForms<GivenObject>((object) => [object]);
const NOTHING = Buffer.from('{}');

/** TAXII 2.1: each agency has a root of its own, with one collection of the objects that it submitted. */
@ApiExcludeController()
@Controller(TAXII_PATH)
@UseGuards(AcceptGuard, KeyOrPasswordGuard)
export class AgencyTaxiiController {
  constructor(
    private readonly pages: AgencyPages,
    private readonly receiver: SubmissionReceiver,
    private readonly statuses: SubmittedStatus,
    private readonly deletion: ObjectDeletion,
    @Inject(IntakeConfig) private readonly config: IntakeConfig,
  ) {}

  @Get()
  discover(@CurrentPrincipal() principal: Principal, @Res() response: Response): void {
    const { organisationId } = principal;
    authorise(principal, 'collection:read', { organisationId });
    const base = this.config.publicUrl.replace(/\/+$/, '');
    const about = { title: 'Tocsin', description: 'Agencies submit here, and read what they submitted' };
    answerResource(response, discovery(about, [`${base}${TAXII_PATH}/${organisationId}/`]));
  }

  @Get(':root')
  root(@CurrentPrincipal() principal: Principal, @Param('root') root: string, @Res() response: Response): void {
    ofRoot(principal, root, 'collection:read');
    const about = { title: principal.organisationName, max_content_length: LONGEST_ENVELOPE };
    answerResource(response, apiRoot(about));
  }

  @Get(':root/status/:status')
  async status(
    @CurrentPrincipal() principal: Principal,
    @Param('root') root: string,
    @Param('status') status: string,
    @Res() response: Response,
  ): Promise<void> {
    ofRoot(principal, root, 'collection:read');
    if (!isUUID(status)) throw notFound();
    answerResource(response, await this.statuses.read(principal, status));
  }

  @Get(':root/collections')
  list(@CurrentPrincipal() principal: Principal, @Param('root') root: string, @Res() response: Response): void {
    ofRoot(principal, root, 'collection:read');
    answerResource(response, collections([collectionOf(principal)]));
  }

  @Get(':root/collections/:collection')
  collection(
    @CurrentPrincipal() principal: Principal,
    @Param() at: { root: string; collection: string },
    @Res() response: Response,
  ): void {
    answerResource(response, ofCollection(principal, at, 'collection:read'));
  }

  @Get(':root/collections/:collection/manifest')
  async manifest(
    @CurrentPrincipal() principal: Principal,
    @Param() at: { root: string; collection: string },
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    ofCollection(principal, at, 'collection:read');
    await this.page(principal, { ...FORMS.manifest, asked: readObjectsQuery(query, BOUNDS) }, response);
  }

  @Get(':root/collections/:collection/objects')
  async objects(
    @CurrentPrincipal() principal: Principal,
    @Param() at: { root: string; collection: string },
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    ofCollection(principal, at, 'collection:read');
    await this.page(principal, { ...FORMS.envelope, asked: readObjectsQuery(query, BOUNDS) }, response);
  }

  @Get(':root/collections/:collection/objects/:object')
  async object(
    @CurrentPrincipal() principal: Principal,
    @Param() at: { root: string; collection: string; object: string },
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    ofCollection(principal, at, 'collection:read');
    await this.page(principal, { ...FORMS.envelope, asked: ofOne(query, at.object) }, response, at.object);
  }

  @Get(':root/collections/:collection/objects/:object/versions')
  async versions(
    @CurrentPrincipal() principal: Principal,
    @Param() at: { root: string; collection: string; object: string },
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    ofCollection(principal, at, 'collection:read');
    const asked = { ...ofOne(query, at.object), versions: ALL_VERSIONS };
    await this.page(principal, { ...FORMS.versions, asked }, response, at.object);
  }

  @Post(':root/collections/:collection/objects')
  @HttpCode(202)
  async add(
    @CurrentPrincipal() principal: Principal,
    @Param() at: { root: string; collection: string },
    @Req() request: Request,
    @Res() response: Response,
  ): Promise<void> {
    ofCollection(principal, at, 'collection:write');
    authorise(principal, 'submission:create');
    if (!isEnvelope(request.headers['content-type']))
      throw rejection('TOC_SUBMISSION_FORMAT', 'what is taken here is an envelope, application/taxii+json;version=2.1');
    const idempotencyKey = readIdempotencyKey(request.headers['idempotency-key']);
    const { given, bytes } = await readWholeDocument(request, LONGEST_ENVELOPE);
    const { objects, document, received } = readEnvelope(bytes);
    const receipt = await this.receiver.receiveTakenOut({
      ...{ principal, kind: 'advisory', format: FORMAT, idempotencyKey, given, document, received },
      alongside: (manager, submission) => placeObjects(manager, submission, objects),
    });
    answerResource(response, this.statuses.received(receipt, objects.length), 202);
  }

  /** Without a version, all of them go. */
  @Delete(':root/collections/:collection/objects/:object')
  async remove(
    @CurrentPrincipal() principal: Principal,
    @Param() at: { root: string; collection: string; object: string },
    @Query() query: RawQuery,
    @Res() response: Response,
  ): Promise<void> {
    ofCollection(principal, at, 'collection:write');
    authorise(principal, 'advisory:retract', { organisationId: principal.organisationId });
    const asked = ofOne(query, at.object);
    const isAll = query['match[version]'] === undefined;
    await this.deletion.delete(principal, isAll ? { ...asked, versions: ALL_VERSIONS } : asked);
    answerResource(response, {});
  }

  @All('*rest')
  nothing(): never {
    throw notFound();
  }

  private async page(principal: Principal, page: PageAsked, response: Response, object?: string): Promise<void> {
    const { organisationId } = principal;
    const answered = await this.pages.answer(organisationId, page);
    if (answered) return answerPage(response, answered);
    if (object !== undefined && !(await this.pages.holds(organisationId, object.toLowerCase()))) throw notFound();
    answerPage(response, { bytes: NOTHING });
  }
}

const ALL_VERSIONS = { all: true, first: false, last: false, times: new Set<string>() };

const notFound = (): Error => rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');

/** An agency's root is named by its id; to others it is as if it were not there. */
function ofRoot(principal: Principal, root: string, action: Extract<Action, `collection:${string}`>): void {
  authorise(principal, action, { organisationId: root.toLowerCase() });
}

function ofCollection(
  principal: Principal,
  { root, collection }: { root: string; collection: string },
  action: Extract<Action, `collection:${string}`>,
): Collection {
  ofRoot(principal, root, action);
  const own = collectionOf(principal);
  if (collection !== own.alias && collection.toLowerCase() !== own.id) throw notFound();
  return own;
}

function collectionOf({ organisationId, organisationName }: Principal): Collection {
  return collection({
    ...{ id: collectionId(`agency/${organisationId}`), title: `Submitted by ${organisationName}`, alias: ALIAS },
    description: 'Objects as they were given, until they are deleted; to add one is to submit it',
    ...{ can_read: true, can_write: true },
  });
}

/** An object by its id is the collection with that filter. */
function ofOne(query: RawQuery, id: string): ObjectsAsked {
  return { ...readObjectsQuery(query, BOUNDS), ids: new Set([id.toLowerCase()]) };
}
