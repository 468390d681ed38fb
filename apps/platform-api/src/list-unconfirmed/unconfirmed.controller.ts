import { Controller, Get, Query, UseGuards } from '@nestjs/common';
import { ApiBearerAuth, ApiOkResponse, ApiOperation, ApiProperty, ApiPropertyOptional, ApiTags } from '@nestjs/swagger';
import { IsOptional, IsString, MaxLength } from 'class-validator';
import { AuthenticationGuard, CurrentPrincipal, type Principal } from '#libs/access';
import { UnconfirmedRows } from './unconfirmed-rows.js';

/** Where a page begins. */
export class UnconfirmedAsked {
  @ApiPropertyOptional({ description: '`next` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(120)
  after?: string;
}

/** A version of a row of which this platform has yet to say what it did. */
export class UnconfirmedShown {
  @ApiProperty() channel!: string;
  @ApiProperty({ format: 'uuid' }) row_id!: string;
  @ApiProperty({ type: 'integer', description: 'What to confirm, or any later version.' }) version!: number;
  @ApiProperty({ format: 'date-time' }) due_at!: string;
  @ApiProperty() overdue!: boolean;
}

export class UnconfirmedPageShown {
  @ApiProperty({ type: [UnconfirmedShown] }) rows!: UnconfirmedShown[];
  @ApiPropertyOptional({ description: 'What to ask for as `after`; absent on the last page.' }) next?: string;
}

/** What a platform has yet to confirm, also one that is suspended or has left. */
@ApiTags('feedback')
@ApiBearerAuth()
@Controller('v1/unconfirmed')
@UseGuards(AuthenticationGuard)
export class UnconfirmedController {
  constructor(private readonly unconfirmed: UnconfirmedRows) {}

  @Get()
  @ApiOperation({ summary: 'Rows whose end this platform has yet to confirm, soonest due first' })
  @ApiOkResponse({ type: UnconfirmedPageShown })
  list(@CurrentPrincipal() principal: Principal, @Query() { after }: UnconfirmedAsked): Promise<UnconfirmedPageShown> {
    return this.unconfirmed.list(principal, after);
  }
}
