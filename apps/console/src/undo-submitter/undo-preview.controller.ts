import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { API_KEY_ID, authorise, CurrentPrincipal, type Principal } from '#libs/access';
import { Peers } from '../peers.js';
import type { Plain } from '../plain.js';
import { Id, Matching, Moment } from '../request-properties.js';

/** Whose submissions, received when. */
export class UndoAsked {
  @Id() agency!: string;
  @Id({ optional: true }) person?: string;
  @Matching(API_KEY_ID, { optional: true, description: 'The id of a key.' }) key?: string;
  @Moment({ description: 'From this moment on.' }) from!: string;
  @Moment({ description: 'Before this moment.' }) until!: string;
}

class ChannelCounted {
  @ApiProperty() channel!: string;
  @ApiProperty({ type: 'integer' }) rows!: number;
}

/** What would be undone; nothing, once it is. */
export class UndoPreviewShown {
  @ApiProperty({ type: 'integer' }) submissions!: number;
  @ApiProperty({ type: 'integer', description: 'Of those, how many still work or wait for a person.' })
  unsettled!: number;
  @ApiProperty({ type: 'integer' }) advisories!: number;
  @ApiProperty({ type: 'integer', description: 'What they said that stands.' }) assertions!: number;
  @ApiProperty({ type: [ChannelCounted], description: 'Rows on which it stands.' }) channels!: ChannelCounted[];
}

/** What a proposal of the action `undo-submitter` would take back; the normaliser knows. */
@ApiTags('decisions of two')
@Controller('v1/undo-preview')
export class UndoPreviewController {
  constructor(private readonly peers: Peers) {}

  @Get()
  @ApiOperation({ summary: 'What undoing a submitter would take back, or has left to take back (operators)' })
  @ApiOkResponse({ type: UndoPreviewShown })
  preview(@CurrentPrincipal() principal: Principal, @Query() asked: UndoAsked): Promise<Plain<UndoPreviewShown>> {
    authorise(principal, 'undo:preview');
    const { agency, person, key, from, until } = asked;
    return this.peers.normaliser.request('GET', '/internal/undoings/preview', {
      principal,
      query: { agency, person, key, from, until },
    });
  }
}
