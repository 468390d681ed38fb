import { Body, Controller, HttpCode, Param, Post, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { AuthenticationGuard, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { ReadSlots } from '../read-changes/read-slots.js';
import { FeedbackTaker } from './feedback-taker.js';
import { FeedbackAnswer } from './feedback.dto.js';
import { readMispSighting } from './misp-sightings.js';

const MOST_ITEMS = 1000;

/** Sightings of MISP about rows of one channel, as answers. */
@ApiTags('feedback')
@ApiBearerAuth()
@Controller('v1/channels/:channel/sightings/add')
@UseGuards(AuthenticationGuard)
export class MispSightingsController {
  constructor(
    private readonly taker: FeedbackTaker,
    private readonly slots: ReadSlots,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiOperation({
    summary: 'Answer with sightings of MISP, one or an array of up to 1,000; the row id is the uuid',
    description: 'Under the same rules and quotas as other feedback. A value is refused.',
  })
  @ApiOkResponse({ type: FeedbackAnswer })
  add(
    @CurrentPrincipal() principal: Principal,
    @Param('channel') channel: string,
    @Body() body: unknown,
  ): Promise<FeedbackAnswer> {
    return this.take(principal, channel, body);
  }

  @Post(':row')
  @HttpCode(200)
  @ApiOperation({ summary: 'The same, about one row' })
  @ApiOkResponse({ type: FeedbackAnswer })
  addTo(
    @CurrentPrincipal() principal: Principal,
    @Param('channel') channel: string,
    @Param('row') row: string,
    @Body() body: unknown,
  ): Promise<FeedbackAnswer> {
    return this.take(principal, channel, body, row);
  }

  private async take(principal: Principal, channel: string, body: unknown, row?: string): Promise<FeedbackAnswer> {
    authorise(principal, 'feedback:give');
    const given: unknown[] = Array.isArray(body) ? body : [body];
    if (given.length === 0 || given.length > MOST_ITEMS)
      throw rejection('TOC_REQUEST_PARAMETER', `the body is a sighting, or a JSON array of 1 to ${MOST_ITEMS} of them`);
    const now = new Date();
    const sightings = given.map((sighting) => readMispSighting(sighting, channel, row, now));
    const items = await this.slots.during(principal.organisationId, () => this.taker.takeItems(principal, sightings));
    const accepted = items.filter(({ state }) => state === 'accepted').length;
    return { accepted, rejected: items.length - accepted, items };
  }
}
