import { Body, Controller, Get, Headers, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiHeader, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ID_IN_PATH } from '#libs/runtime';
import { ReadSlots } from '../read-changes/read-slots.js';
import { FeedbackReader } from './feedback-reader.js';
import { FeedbackTaker } from './feedback-taker.js';
import { FeedbackAnswer, FeedbackItem, FeedbackShown } from './feedback.dto.js';

const MOST_ITEMS = 1000;
const KEY = /^[\x21-\x7e]{1,200}$/;

function readItems(body: unknown): unknown[] {
  if (!Array.isArray(body) || body.length === 0 || body.length > MOST_ITEMS)
    throw rejection('TOC_REQUEST_PARAMETER', `the body is a JSON array of 1 to ${MOST_ITEMS} items`);
  return body;
}

function readKey(header: string | undefined): string | undefined {
  if (header !== undefined && !KEY.test(header))
    throw rejection('TOC_REQUEST_PARAMETER', 'Idempotency-Key holds 1 to 200 visible ASCII characters without blanks');
  return header;
}

/** What platforms answer to what they were told. */
@ApiTags('feedback')
@ApiBearerAuth()
@Controller('v1/feedback')
@UseGuards(AuthenticationGuard)
export class FeedbackController {
  constructor(
    private readonly taker: FeedbackTaker,
    private readonly reader: FeedbackReader,
    private readonly slots: ReadSlots,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Answer: sightings, opinions, disputes, actions taken, confirmations, reports, figures',
    description:
      'Each item is accepted or rejected by itself. What is about a row counts only when this platform was told of it; a ' +
      'row of another platform, of a channel that it does not have, or of nobody is refused in the same words.',
  })
  @ApiHeader({
    name: 'Idempotency-Key',
    required: false,
    description: 'A repeat with the same items gets the same answer.',
  })
  @ApiBody({ type: [FeedbackItem] })
  @ApiOkResponse({ type: FeedbackAnswer })
  async give(
    @CurrentPrincipal() principal: Principal,
    @Body() body: unknown,
    @Headers('idempotency-key') key?: string,
  ): Promise<FeedbackAnswer> {
    authorise(principal, 'feedback:give');
    const [given, idempotencyKey] = [readItems(body), readKey(key)];
    const items = await this.slots.during(principal.organisationId, () =>
      this.taker.take(principal, given, idempotencyKey),
    );
    const accepted = items.filter(({ state }) => state === 'accepted').length;
    return { accepted, rejected: items.length - accepted, items };
  }

  @Get(':id')
  @ApiOperation({ summary: 'What was answered; of a dispute also how it stands' })
  @ApiOkResponse({ type: FeedbackShown })
  read(@CurrentPrincipal() principal: Principal, @Param('id', ID_IN_PATH) id: string): Promise<FeedbackShown> {
    return this.reader.read(principal, id);
  }
}
