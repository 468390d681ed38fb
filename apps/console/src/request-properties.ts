import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { IsMoment } from '#libs/events';

/*
 * One decorator says a rule once, for validation and for the OpenAPI document, so that the two cannot differ.
 */

/** What every property may say beside its rule. An absent optional property is left out; `null` is never taken for it. */
export interface Said {
  description?: string;
  optional?: boolean;
  example?: unknown;
}

const COUNTRY = /^[A-Z]{2}$/;
/** Ids of channels, desks and protected lists. */
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;
/** Line ends, tabs and other control characters have no place in a name. */
const ONE_LINE = /^[^\p{Cc}\p{Zl}\p{Zp}]*$/u;

function property(said: Said, schema: ApiPropertyOptions, ...rules: PropertyDecorator[]): PropertyDecorator {
  const { optional = false, description, example } = said;
  const options = {
    ...schema,
    required: !optional,
    ...(description && { description }),
    ...(example !== undefined && { example }),
  };
  const unless = optional ? [ValidateIf((_object: unknown, value: unknown) => value !== undefined)] : [];
  return applyDecorators(ApiProperty(options as ApiPropertyOptions), ...rules, ...unless);
}

/** Text of one line, from `min` to `max` characters. */
export function Line(min: number, max: number, said: Said = {}): PropertyDecorator {
  const schema = { type: String, minLength: min, maxLength: max };
  const oneLine = Matches(ONE_LINE, { message: '$property must be one line' });
  return property(said, schema, IsString(), Length(min, max), oneLine);
}

/** Why a person does this; kept in the audit rows. */
export function Reason(said: Said = {}): PropertyDecorator {
  const description = 'Why; kept in the audit rows. No names of persons, no signal values.';
  return property(
    { description, ...said },
    { type: String, minLength: 3, maxLength: 1000 },
    IsString(),
    Length(3, 1000),
  );
}

/** One of the words of a vocabulary. */
export function Word(words: readonly string[], said: Said = {}): PropertyDecorator {
  return property(said, { type: String, enum: [...words] }, IsIn(words));
}

/** One or more different words of a vocabulary. */
export function Words(words: readonly string[], said: Said & { least?: number } = {}): PropertyDecorator {
  const { least = 1 } = said;
  const schema = { type: String, isArray: true, enum: [...words] };
  return property(said, schema, IsArray(), ArrayMinSize(least), ArrayUnique(), IsIn(words, { each: true }));
}

/** Text of one form. The pattern has to be linear: it meets whatever is sent. */
export function Matching(pattern: RegExp, said: Said = {}): PropertyDecorator {
  return property(said, { type: String, pattern: pattern.source }, Matches(pattern));
}

/** Up to `most` different texts of one form. */
export function AllMatching(pattern: RegExp, most: number, said: Said & { least?: number } = {}): PropertyDecorator {
  const { least = 1 } = said;
  const schema = {
    type: 'array' as const,
    items: { type: 'string', pattern: pattern.source },
    minItems: least,
    maxItems: most,
  };
  const size = [IsArray(), ArrayMinSize(least), ArrayMaxSize(most), ArrayUnique()];
  return property(said, schema, ...size, Matches(pattern, { each: true }));
}

/** A country code, upper case. */
export const Country = (said: Said = {}): PropertyDecorator =>
  Matching(COUNTRY, { description: 'ISO 3166-1 alpha-2', example: 'NO', ...said });
/** Different country codes. */
export const Countries = (most: number, said: Said = {}): PropertyDecorator => AllMatching(COUNTRY, most, said);
/** An id that people write: lower-case letters, digits, hyphens. */
export const Slug = (said: Said = {}): PropertyDecorator => Matching(SLUG, said);
/** Different ids of that form. */
export const Slugs = (most: number, said: Said & { least?: number } = {}): PropertyDecorator =>
  AllMatching(SLUG, most, said);

/** A UUID. */
export function Id(said: Said = {}): PropertyDecorator {
  return property(said, { type: String, format: 'uuid' }, IsUUID());
}

/** Different UUIDs. */
export function Ids(most: number, said: Said = {}): PropertyDecorator {
  const schema = { type: 'array' as const, items: { type: 'string', format: 'uuid' }, minItems: 1, maxItems: most };
  return property(
    said,
    schema,
    IsArray(),
    ArrayMinSize(1),
    ArrayMaxSize(most),
    ArrayUnique(),
    IsUUID(undefined, { each: true }),
  );
}

/** A whole number in a body. */
export function Whole(min: number, max: number, said: Said = {}): PropertyDecorator {
  return property(said, { type: 'integer', minimum: min, maximum: max }, IsInt(), Min(min), Max(max));
}

/** A whole number in a query. */
export function WholeInQuery(min: number, max: number, said: Said = {}): PropertyDecorator {
  const read = Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value,
  );
  return applyDecorators(read, Whole(min, max, said));
}

/** True or false. */
export function Flag(said: Said = {}): PropertyDecorator {
  return property(said, { type: Boolean }, IsBoolean());
}

/** A moment of RFC 3339 with its offset, by the rule that submissions have. */
export function Moment(said: Said = {}): PropertyDecorator {
  return property(said, { type: String, format: 'date-time' }, IsMoment());
}

/** An object whose own rules are read elsewhere. */
export function FreeObject(said: Said = {}): PropertyDecorator {
  return property(said, { type: 'object', additionalProperties: true }, IsObject());
}

type Class = new () => object;

/** An object with rules of its own. */
export function Part(of: Class, said: Said = {}): PropertyDecorator {
  return property(
    said,
    { type: of },
    IsObject(),
    Type(() => of),
    ValidateNested(),
  );
}

/** Objects with rules of their own. */
export function Parts(of: Class, most: number, said: Said & { least?: number } = {}): PropertyDecorator {
  const { least = 0 } = said;
  const schema = { type: of, isArray: true, minItems: least, maxItems: most };
  const size = [IsArray(), ArrayMinSize(least), ArrayMaxSize(most)];
  return property(
    said,
    schema,
    ...size,
    Type(() => of),
    ValidateNested({ each: true }),
  );
}
