import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { RETRACTION_REASONS } from '#libs/domain';

class RetractedSignal {
  @ApiProperty() type!: string;
  @ApiProperty() value!: string;
}

/** The document of a retraction. */
export class RetractionGiven {
  @ApiProperty({ enum: Object.keys(RETRACTION_REASONS) }) reason!: string;
  @ApiPropertyOptional({ type: [RetractedSignal], maxItems: 10_000, description: 'Only these; absent: everything.' })
  signals?: RetractedSignal[];
  @ApiPropertyOptional({
    type: [String],
    maxItems: 20,
    description: 'Only on these channels (a narrowing); absent: on all.',
  })
  channels?: string[];
}
