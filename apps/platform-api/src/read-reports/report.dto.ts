import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsOptional, IsUUID } from 'class-validator';
import { EXPLOITATION_SCALES, EXPLOITATION_TECHNIQUES, EXPLOITATION_TRENDS, EXPLOITED_FEATURES } from '#libs/domain';

/** Where a page begins. */
export class ReportsAsked {
  @ApiPropertyOptional({ format: 'uuid', description: 'The last report of the page before.' })
  @IsOptional()
  @IsUUID()
  after?: string;
}

/** How a service was abused, as a platform says. */
export class ReportShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'date', description: 'The day of UTC on which it came.' }) day!: string;
  @ApiProperty() harm!: string;
  @ApiProperty({ enum: EXPLOITED_FEATURES }) feature!: string;
  @ApiProperty({ enum: EXPLOITATION_TECHNIQUES }) technique!: string;
  @ApiProperty({ enum: EXPLOITATION_SCALES }) scale!: string;
  @ApiProperty({ enum: EXPLOITATION_TRENDS }) trend!: string;
  @ApiPropertyOptional() language?: string;
  @ApiPropertyOptional() text?: string;
  @ApiPropertyOptional({ description: 'Only where the platform wants to be named.' }) platform?: string;
}

export class ReportsShown {
  @ApiProperty({ type: [ReportShown] }) reports!: ReportShown[];
  @ApiProperty({ description: 'Whether there is another page.' }) more!: boolean;
}
