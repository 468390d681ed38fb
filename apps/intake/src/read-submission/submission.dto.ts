import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsUUID, Max, Min } from 'class-validator';
import { CEILINGS, SUBMISSION_KINDS, SUBMISSION_STATES } from '#libs/domain';

const LARGEST_PAGE = 200;

/** Which page of the list. */
export class SubmissionsPage {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: LARGEST_PAGE, default: 50 })
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(LARGEST_PAGE)
  limit: number = 50;

  @ApiPropertyOptional({ format: 'uuid', description: 'The last submission of the page before.' })
  @IsOptional()
  @IsUUID()
  after?: string;
}

class PositionsShown {
  @ApiProperty({ type: 'integer' }) from!: number;
  @ApiProperty({ type: 'integer' }) to!: number;
}

class OpenedDocumentShown {
  @ApiProperty({ description: 'As the container calls it.' }) name!: string;
  @ApiProperty({ description: 'Id of the format in which it is read.' }) format!: string;
  @ApiProperty({ type: PositionsShown, description: 'Positions of the submission that belong to it.' })
  positions!: PositionsShown;
}

class DroppedShown {
  @ApiProperty() name!: string;
  @ApiProperty({ description: 'media, macro, script, embedded-object, …' }) kind!: string;
  @ApiProperty({ type: 'integer' }) bytes!: number;
  @ApiProperty({ pattern: '^[0-9a-f]{64}$' }) sha256!: string;
}

class ContentsShown {
  @ApiProperty({ description: 'What kind of container it was.' }) container!: string;
  @ApiProperty({ type: [OpenedDocumentShown] }) documents!: OpenedDocumentShown[];
  @ApiProperty({ type: [DroppedShown], description: 'What was inside and is not kept.' }) dropped!: DroppedShown[];
  @ApiPropertyOptional({ type: 'integer', description: 'How many more were dropped than are named.' })
  dropped_more?: number;
}

/** What is told of every submission, from its receipt on. */
class SubmissionShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ enum: SUBMISSION_KINDS }) kind!: string;
  @ApiProperty({ description: 'Id of the format, as declared or detected.' }) format!: string;
  @ApiProperty({ format: 'date-time' }) received_at!: string;
  @ApiProperty({ pattern: '^[0-9a-f]{64}$', description: 'SHA-256 of the document as received.' }) sha256!: string;
  @ApiProperty({ type: 'integer', description: 'Length as received.' }) bytes!: number;
  @ApiProperty({ type: 'integer', description: 'Length after decompression.' }) bytes_decompressed!: number;
  @ApiProperty() status_url!: string;
  @ApiPropertyOptional({
    type: ContentsShown,
    description: 'Of a container: what in it is read and what was dropped, for as long as the bytes are kept.',
  })
  contents?: ContentsShown;
}

/** The answer to a submission: it is kept and survives any crash. */
export class ReceiptShown extends SubmissionShown {
  @ApiProperty({ enum: ['accepted'] }) state!: string;
}

/** A submission in a list. */
export class SubmissionListedShown extends SubmissionShown {
  @ApiPropertyOptional({ enum: SUBMISSION_STATES, description: 'Missing when it cannot be told at the moment.' })
  state?: string;
  @ApiProperty({ enum: ['kept', 'erased', 'purged'], description: 'What became of the bytes.' }) bytes_state!: string;
}

export class SubmissionsShown {
  @ApiProperty({ type: [SubmissionListedShown] }) submissions!: SubmissionListedShown[];
  @ApiProperty({ description: 'Whether there are older ones.' }) more!: boolean;
}

/** How items ended; `read` is the sum of the others. */
class CountsShown {
  @ApiProperty({ type: 'integer' }) read!: number;
  @ApiProperty({ type: 'integer' }) asserted!: number;
  @ApiProperty({ type: 'integer' }) repeated!: number;
  @ApiProperty({ type: 'integer' }) held!: number;
  @ApiProperty({ type: 'integer' }) rejected!: number;
  @ApiProperty({ type: 'integer' }) ignored!: number;
  @ApiProperty({ type: 'integer' }) dead_lettered!: number;
}

class RejectedShown {
  @ApiProperty({ type: 'integer', description: 'Line or object, from 1.' }) position!: number;
  @ApiProperty() code!: string;
  @ApiProperty() detail!: string;
}

class CeilingLoweredShown {
  @ApiProperty({ description: 'Id of the safeguard’s rule.' }) rule!: string;
  @ApiProperty({ type: 'integer' }) rule_version!: number;
  @ApiProperty({ enum: CEILINGS }) from!: string;
  @ApiProperty({ enum: CEILINGS }) to!: string;
  @ApiPropertyOptional({ description: 'Where it was the ceiling of one country.' }) country?: string;
  @ApiProperty({ type: 'integer' }) rows!: number;
}

class AdvisoryShown {
  @ApiProperty({ format: 'uuid' }) id!: string;
  @ApiProperty({ type: 'integer' }) revision!: number;
  @ApiProperty() state!: string;
}

class ChannelTakenAwayShown {
  @ApiProperty() channel!: string;
  @ApiProperty() because!: string;
}

/** The receipt and everything that happened since; the second half is missing until the work begins. */
export class StoryShown extends SubmissionShown {
  @ApiProperty({ enum: SUBMISSION_STATES }) state!: string;
  @ApiProperty({ enum: ['kept', 'erased', 'purged'] }) bytes_state!: string;
  @ApiPropertyOptional({ format: 'date-time' }) settled_at?: string;
  @ApiPropertyOptional({ type: CountsShown }) counts?: CountsShown;
  @ApiPropertyOptional({ type: [AdvisoryShown] }) advisories?: AdvisoryShown[];
  @ApiPropertyOptional({ type: [String], description: 'Channels that the submission went to.' }) channels?: string[];
  @ApiPropertyOptional({ type: [ChannelTakenAwayShown] }) channels_taken_away?: ChannelTakenAwayShown[];
  @ApiPropertyOptional({ type: [Object] }) holds?: object[];
  @ApiPropertyOptional({ type: [RejectedShown] }) rejected?: RejectedShown[];
  @ApiPropertyOptional({ type: Object, additionalProperties: { type: 'integer' } }) ignored?: object;
  @ApiPropertyOptional({ type: [CeilingLoweredShown], description: 'Ceilings that the safeguards lowered.' })
  ceilings_lowered?: CeilingLoweredShown[];
  @ApiPropertyOptional({
    type: Object,
    additionalProperties: { type: 'integer' },
    description: 'Signals of items that went without them, by type: no channel may carry them.',
  })
  signals_left_out?: object;
  @ApiPropertyOptional({ type: Object, description: 'Why it was refused or failed: code and detail.' })
  problem?: object;
  @ApiPropertyOptional({ format: 'uuid', description: 'Of a failed one: by which an operator has it tried again.' })
  dead_letter?: string;
}
