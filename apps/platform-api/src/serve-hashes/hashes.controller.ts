import { Controller, Get, Header, Param, Query, UseGuards } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { authorise, CurrentPrincipal, KeyOrPasswordGuard, type Principal } from '#libs/access';
import { ReadSlots } from '../read-changes/read-slots.js';
import { TaxiiObjects } from '../serve-taxii/taxii-objects.js';
import { entriesAnswer, membersAnswer } from './hash-entries.js';
import { HashPages } from './hash-pages.js';

/** Windows that end longer ago than this are empty; clocks and time zones of clients differ by less. */
const PAST_MS = 48 * 3_600_000;
const XML = 'application/xml; charset=utf-8';

/** What a client of the hash exchange asks for. */
export class EntriesAsked {
  /** Where a client is that goes by places; empty at the beginning. Each answer names the next, also at the end. */
  @IsOptional()
  @IsString()
  @MaxLength(600)
  place?: string;

  /** Where a client is within a window; the last answer names no next. */
  @IsOptional()
  @IsString()
  @MaxLength(600)
  page?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  from?: string;

  @IsOptional()
  @IsString()
  @MaxLength(40)
  to?: string;
}

/** A channel in the form of NCMEC's hash exchange, version 2, which python-threatexchange and HMA read. */
@ApiExcludeController()
@Controller('hma/:channel/v2')
@UseGuards(KeyOrPasswordGuard)
export class HashesController {
  constructor(
    private readonly pages: HashPages,
    private readonly objects: TaxiiObjects,
    private readonly slots: ReadSlots,
  ) {}

  @Get('status')
  @Header('Content-Type', XML)
  status(@CurrentPrincipal() principal: Principal): string {
    authorise(principal, 'feed:read');
    return membersAnswer('status', this.objects.exchangeName);
  }

  @Get('members')
  @Header('Content-Type', XML)
  members(@CurrentPrincipal() principal: Principal): string {
    authorise(principal, 'feed:read');
    return membersAnswer('members', this.objects.exchangeName);
  }

  /**
   * A window of times is read from the beginning of the channel whatever its `from`: a client's clock and time zone,
   * a stop, or a changed filter can then hide nothing from it. Only a window long past is empty.
   */
  @Get('entries')
  @Header('Content-Type', XML)
  async entries(
    @CurrentPrincipal() principal: Principal,
    @Param('channel') channel: string,
    @Query() { place, page, to }: EntriesAsked,
  ): Promise<string> {
    authorise(principal, 'feed:read');
    const { exchangeName } = this.objects;
    const now = new Date();
    const isPast = to !== undefined && Date.parse(to) < now.getTime() - PAST_MS;
    if (place === undefined && page === undefined && isPast) return entriesAnswer(exchangeName, [], { now });
    const read = (): ReturnType<HashPages['read']> => this.pages.read(principal, channel, place ?? page);
    const { records, cursor, more } = await this.slots.queued(principal.organisationId, read);
    const name = place === undefined ? 'page' : 'place';
    const goesOn = place !== undefined || more;
    const next = goesOn ? `/v2/entries?${name}=${encodeURIComponent(cursor)}` : undefined;
    return entriesAnswer(exchangeName, records, { now, next });
  }
}
