import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { FEEDBACK_KINDS, type ErrorCode, type FeedbackKind } from '#libs/domain';

/** One item of feedback; which fields it has beside these follows from its kind. */
export class FeedbackItem {
  @ApiProperty({ enum: FEEDBACK_KINDS }) kind!: FeedbackKind;
  @ApiPropertyOptional({ description: 'With what is about a row.' }) channel?: string;
  @ApiPropertyOptional({ format: 'uuid', description: 'With what is about a row.' }) row_id?: string;
}

/** What became of one item. */
export class ItemAnswer {
  @ApiProperty({ type: 'integer', description: 'Counted from 0, in the order given.' }) position!: number;
  @ApiProperty({ enum: ['accepted', 'rejected'] }) state!: 'accepted' | 'rejected';
  @ApiPropertyOptional({ format: 'uuid', description: 'Of an accepted item.' }) id?: string;
  @ApiPropertyOptional({ type: String, description: 'Of a rejected item: one of the closed list.' }) code?: ErrorCode;
  @ApiPropertyOptional({ description: 'Of a rejected item.' }) detail?: string;
  @ApiPropertyOptional({ type: [String], description: 'Fields that are wrong, or kinds of what a text must not say.' })
  problems?: string[];
  /** What the sender calls it, where it came as an object of STIX. */
  tells?: { id: string; version: string };
}

/** The answer to all items. */
export class FeedbackAnswer {
  @ApiProperty({ type: 'integer' }) accepted!: number;
  @ApiProperty({ type: 'integer' }) rejected!: number;
  @ApiProperty({ type: [ItemAnswer] }) items!: ItemAnswer[];
}

/** How a dispute stands. */
export class DisputeStanding {
  @ApiProperty({ enum: ['received', 'open', 'upheld', 'dismissed'] }) state!: string;
  @ApiPropertyOptional({
    format: 'date-time',
    description: 'Until then somebody decides; else the ceiling stays lowered.',
  })
  due_at?: string;
  @ApiPropertyOptional({ format: 'date-time' }) decided_at?: string;
  @ApiPropertyOptional({ description: 'Why, from whoever decided.' }) sentence?: string;
}

/** An item as it was taken. */
export class FeedbackShown extends FeedbackItem {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ format: 'date-time' }) received_at!: string;
  @ApiPropertyOptional({ description: 'Of a dispute.' }) dispute?: DisputeStanding;
}
