import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { REPORTING_DUTY, reportingRouteOf } from '#libs/domain';
import type { ChangePage } from './change-pages.js';

const MOST_RECORDS = 100_000;
const LONGEST_WAIT_S = 30;
const LONGEST_CURSOR = 600;

/** Where to go on, how far, and how long to wait for something new. */
export class ChangesAsked {
  @ApiPropertyOptional({ description: 'The last cursor that was read; without one, everything from the beginning.' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_CURSOR)
  cursor?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_RECORDS, default: 1000 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST_RECORDS)
  limit: number = 1000;

  @ApiPropertyOptional({
    type: 'integer',
    minimum: 0,
    maximum: LONGEST_WAIT_S,
    default: 0,
    description: 'Seconds to wait for something new where there is nothing.',
  })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LONGEST_WAIT_S)
  wait: number = 0;
}

class ReportingShown {
  @ApiPropertyOptional() country?: string;
  @ApiProperty() name!: string;
  @ApiProperty() url!: string;
  @ApiProperty() duty!: string;
}

/** The line that ends a page of records: what was read before it is read for good once its cursor is used. */
export class CursorLine {
  @ApiProperty({ enum: ['cursor'] }) type!: 'cursor';
  @ApiProperty({ description: 'Opaque; good for this platform alone, for as long as it takes.' }) cursor!: string;
  @ApiProperty({ description: 'Whether there is more already.' }) more!: boolean;
  @ApiProperty({ type: 'integer', description: 'Of the subscription; receivers order by version, then revision.' })
  revision!: number;
  @ApiPropertyOptional({ description: 'Why there is no content; withdrawals come all the same.' })
  content_withheld?: string;
  @ApiProperty({ type: ReportingShown, description: 'Where abuse material is reported, whatever a ceiling says.' })
  reporting!: ReportingShown;
}

/** The line that ends a page, as text. */
export function cursorLine(page: ChangePage, cursor: string): string {
  const line: CursorLine = {
    type: 'cursor',
    cursor,
    more: page.more,
    revision: page.next.revision,
    ...(page.withheld && { content_withheld: page.withheld }),
    reporting: { ...reportingRouteOf(page.platformCountry), duty: REPORTING_DUTY },
  };
  return JSON.stringify(line);
}
