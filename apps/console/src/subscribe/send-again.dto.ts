import { ApiProperty } from '@nestjs/swagger';
import { Ids, Matching, Moment, Slug, WholeInQuery } from '../request-properties.js';

/** Rows that one request may ask for; a whole channel is recovered instead. */
const MOST_ROWS = 1_000;
const DIGITS = /^\d{1,18}$/;

/** A page of attempts. */
export class AttemptsAsked {
  @Matching(DIGITS, { optional: true, description: 'Only those before this attempt; `next` of the page before.' })
  before?: string;
  @WholeInQuery(1, 200, { optional: true, description: 'At most so many; 50 unless said.' }) limit?: number;
}

/** One attempt to send: what became of it, and nothing of what was in it. */
export class AttemptShown {
  @ApiProperty() id!: string;
  @ApiProperty() channel!: string;
  @ApiProperty({ format: 'date-time' }) at!: string;
  @ApiProperty({ enum: ['ordinary', 'emergency'] }) lane!: string;
  @ApiProperty({ enum: ['content', 'withdrawals', 'end-of-membership'] }) walk!: string;
  @ApiProperty({ type: 'integer', description: 'Of the subscription.' }) revision!: number;
  @ApiProperty({ format: 'uuid', description: 'The same for a repeat; a webhook’s `webhook-id`.' }) batch_id!: string;
  @ApiProperty({ type: 'integer' }) records!: number;
  @ApiProperty({ enum: ['sent', 'refused', 'unavailable', 'gone'] }) outcome!: string;
  @ApiProperty({ type: 'integer', nullable: true, description: 'HTTP status, where there was one.' })
  status!: number | null;
  @ApiProperty({ type: 'integer' }) duration_ms!: number;
  @ApiProperty({ type: String, format: 'date-time', nullable: true }) next_try_at!: string | null;
}

export class AttemptsShown {
  @ApiProperty({ type: [AttemptShown] }) attempts!: AttemptShown[];
  @ApiProperty({ type: String, nullable: true, description: 'To be given as `before`; null at the end.' })
  next!: string | null;
}

/** What is sent once more: the rows of an attempt, or rows of a channel by their ids. */
export class ResendGiven {
  @Matching(DIGITS, { optional: true }) attempt?: string;
  @Slug({ optional: true }) channel?: string;
  @Ids(MOST_ROWS, { optional: true }) rows?: string[];
}

export class ResendShown {
  @ApiProperty({
    type: 'integer',
    description: 'Rows that were put in line, of those that the platform was told of before.',
  })
  rows!: number;
}

/** From where on channels are walked once more. */
export class RecoveryGiven {
  @Moment({ optional: true }) since?: string;
  @Matching(DIGITS, { optional: true, description: 'A position of the channel: what is beyond it.' })
  position?: string;
  @Slug({ optional: true, description: 'Absent for all channels of the subscription.' }) channel?: string;
}

export class RecoveryShown {
  @ApiProperty() channel!: string;
  @ApiProperty({ enum: ['withdrawals', 'content'] }) walk!: string;
  @ApiProperty() from_position!: string;
  @ApiProperty() until_position!: string;
}

export class RecoveriesShown {
  @ApiProperty({ type: [RecoveryShown] }) recoveries!: RecoveryShown[];
}
