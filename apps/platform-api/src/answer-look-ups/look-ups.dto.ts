import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { CEILINGS, LOOK_UP_TYPES, REPORTING_DUTY, reportingRouteOf } from '#libs/domain';
import type { LookUpEntry } from './look-up-entry.js';
import type { LookUpAnswer, LookUpTerms } from './look-ups.js';

/** How long an answer may be kept, in seconds: whoever keeps it longer may act on what was taken back. */
export const ANSWER_LIVES_S = 86_400;

class QuotaShown {
  @ApiProperty({ type: 'integer', description: 'Questions that may be asked at once.' }) at_once!: number;
  @ApiProperty({ type: 'integer', description: 'Questions that may be asked in a day.' }) a_day!: number;
}

/** How a channel is asked. */
export class LookUpTermsShown {
  @ApiProperty() channel!: string;
  @ApiProperty({ type: 'integer', description: 'Hexadecimal digits of a prefix; it grows with the channel.' })
  prefix_length!: number;
  @ApiProperty({ enum: LOOK_UP_TYPES, isArray: true }) types!: readonly string[];
  @ApiProperty({ type: 'integer', description: 'Seconds for which an answer may be kept, at most.' })
  answers_live_s!: number;
  @ApiProperty({ type: QuotaShown }) quota!: QuotaShown;
  @ApiPropertyOptional({ description: 'Why there is no content; withdrawals come all the same.' })
  content_withheld?: string;
}

class AssertionShown {
  @ApiProperty() agency!: string;
  @ApiProperty() country!: string;
  @ApiPropertyOptional() context?: string;
  @ApiPropertyOptional() csea_class?: string;
  @ApiProperty() legal_basis!: string;
  @ApiProperty() nature!: string;
  @ApiProperty({ type: 'array', items: { type: 'object', additionalProperties: true } }) unlawful_in!: object[];
}

class LookUpEntryShown {
  @ApiProperty({ description: 'The rest of the digest, behind the prefix.' }) suffix!: string;
  @ApiProperty({ enum: LOOK_UP_TYPES }) type!: string;
  @ApiProperty({ format: 'uuid' }) row_id!: string;
  @ApiProperty({ type: 'integer' }) version!: number;
  @ApiProperty({ type: 'integer' }) generation!: number;
  @ApiProperty() drill!: boolean;
  @ApiProperty({ type: [String] }) harms!: string[];
  @ApiProperty({ enum: CEILINGS, description: 'The most that may be done.' }) ceiling!: string;
  @ApiPropertyOptional({ type: 'object', additionalProperties: { type: 'string' } })
  ceiling_by_country?: Record<string, string>;
  @ApiPropertyOptional({ type: 'integer' }) confidence?: number;
  @ApiPropertyOptional() severity?: string;
  @ApiProperty({ format: 'date-time', description: 'It no longer holds afterwards.' }) valid_until!: string;
  @ApiPropertyOptional() disputed?: boolean;
  @ApiProperty() tlp!: string;
  @ApiPropertyOptional({ type: [String] }) caveats?: string[];
  @ApiPropertyOptional() audience?: string;
  @ApiProperty({ type: [AssertionShown] }) assertions!: object[];
}

class ReportingShown {
  @ApiPropertyOptional() country?: string;
  @ApiProperty() name!: string;
  @ApiProperty() url!: string;
  @ApiProperty() duty!: string;
}

/** What answers to a prefix, with letters that make all answers alike in size. */
export class LookUpAnswerShown {
  @ApiProperty() channel!: string;
  @ApiProperty({ format: 'date-time', description: 'The answer is dropped then.' }) expires!: string;
  @ApiProperty({ type: 'integer', description: 'Of the subscription.' }) revision!: number;
  @ApiProperty({ description: 'Whether these are all that answer to the prefix.' }) complete!: boolean;
  @ApiPropertyOptional({ description: 'Why there is no content; withdrawals come all the same.' })
  content_withheld?: string;
  @ApiProperty({ type: ReportingShown, description: 'Where abuse material is reported, whatever a ceiling says.' })
  reporting!: ReportingShown;
  @ApiProperty({ type: [LookUpEntryShown] }) entries!: LookUpEntry[];
  @ApiProperty({ description: 'Means nothing.' }) padding!: string;
}

export function showTerms(
  channel: string,
  { prefixLength, withheld }: LookUpTerms,
  quota: LookUpTermsShown['quota'],
): LookUpTermsShown {
  return {
    ...{ channel, prefix_length: prefixLength, types: LOOK_UP_TYPES, answers_live_s: ANSWER_LIVES_S, quota },
    ...(withheld && { content_withheld: withheld }),
  };
}

/** An answer without its padding. */
export function showAnswer(
  channel: string,
  { entries, complete, withheld, revision }: Omit<LookUpAnswer, 'country'>,
  platformCountry: string,
  expires: Date,
): Omit<LookUpAnswerShown, 'padding'> {
  return {
    ...{ channel, expires: expires.toISOString(), revision, complete },
    ...(withheld && { content_withheld: withheld }),
    reporting: { ...reportingRouteOf(platformCountry), duty: REPORTING_DUTY },
    entries,
  };
}
