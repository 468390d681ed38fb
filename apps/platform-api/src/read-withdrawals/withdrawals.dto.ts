import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

const MOST_RECORDS = 100_000;
/** Places in some five hundred channels fit, those of subscriptions that ended included. */
const LONGEST_CURSOR = 12_000;

/** Where to go on, and how far. */
export class WithdrawalsAsked {
  @ApiPropertyOptional({ description: 'The last cursor that was read; without one, all of them.' })
  @IsOptional()
  @IsString()
  @MaxLength(LONGEST_CURSOR)
  since?: string;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: MOST_RECORDS, default: 10_000 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST_RECORDS)
  limit: number = 10_000;
}

/** The line that ends a page of withdrawals. */
export class WithdrawalCursorLine {
  @ApiProperty({ enum: ['cursor'] }) type!: 'cursor';
  @ApiProperty({ description: 'Opaque; good for this platform alone.' }) cursor!: string;
  @ApiProperty({ description: 'Whether there is more already.' }) more!: boolean;
}
