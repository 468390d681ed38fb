import 'reflect-metadata';
import { plainToInstance, Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Length,
  Matches,
  Max,
  MaxLength,
  Min,
  ValidateNested,
  validateSync,
  type ValidationError,
} from 'class-validator';
import {
  BULLETIN_TEXT_LIMIT,
  CAVEAT_PATTERN,
  CEILINGS,
  CONTENT_CONTEXTS,
  CSEA_CLASSES,
  CSEA_VERIFICATIONS,
  HARM_PATTERN,
  LONGEST_VALIDITY_DAYS,
  NATURES,
  ORIGIN_PATTERN,
  readTlp,
  RECIPIENT_AUDIENCES,
  rejection,
  SEVERITIES,
  SIGNAL_TYPES,
  SURFACES,
  type Bulletin,
  type Ceiling,
  type ContentContext,
  type CseaClass,
  type CseaVerification,
  type Nature,
  type RecipientAudience,
  type Severity,
  type SignalType,
  type StatementDraft,
  type Surface,
} from '#libs/domain';
import { IsLine, IsText } from './releasable-texts.js';
import { IsCalendarDate, IsMoment } from './strict-times.js';

const COUNTRY = /^[A-Z]{2}$/;
const HARM_WANTED =
  'each value in $property must be tvec or csea, or one of these with finer words, as in tvec/recruitment';

/** In a query a list is written with commas or by repeating the parameter; in JSON it is an array. */
const List = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    const parts: unknown[] = Array.isArray(value) ? value : [value];
    return parts.flatMap((part) => (typeof part === 'string' ? part.split(',').map((word) => word.trim()) : [part]));
  });

/** In a query an object is written as JSON text; nested rules apply to it as to an object in JSON. */
const JsonText = (Nested?: new () => object): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    if (typeof value !== 'string') return value;
    try {
      const read = JSON.parse(value) as unknown;
      return Nested && typeof read === 'object' && read !== null ? plainToInstance(Nested, read) : read;
    } catch {
      return value;
    }
  });

const Whole = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value,
  );

export class BulletinParameters {
  @IsLine() @Length(1, 300) title!: string;
  @IsOptional() @IsText() @MaxLength(BULLETIN_TEXT_LIMIT) what_is_happening?: string;
  @IsOptional() @IsText() @MaxLength(BULLETIN_TEXT_LIMIT) how_to_recognise?: string;
  @IsOptional() @IsText() @MaxLength(BULLETIN_TEXT_LIMIT) what_to_do?: string;
}

class DesignationParameters {
  @IsLine() @Length(1, 120) list!: string;
  @Matches(COUNTRY) country!: string;
  @IsOptional() @IsCalendarDate() date?: string;
}

class EntityParameters {
  @IsLine() @Length(1, 200) name!: string;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(20)
  @ValidateNested({ each: true })
  @Type(() => DesignationParameters)
  designations?: DesignationParameters[];
}

class UnlawfulInParameters {
  @Matches(COUNTRY) country!: string;
  @IsLine() @Length(1, 200) provision!: string;
}

class ColumnParameters {
  @IsOptional() @IsLine() @Length(1, 200) value?: string;
  @IsOptional() @IsLine() @Length(1, 200) type?: string;
  @IsOptional() @IsLine() @Length(1, 200) quality?: string;
}

/**
 * What a submitter may say beside the document, in the query or in the multipart part `parameters`. Each text here is
 * written by an officer as releasable. Unknown names are refused, so that a slip of the pen is noticed.
 */
export class SubmissionParameters {
  /** Id of the format; told from the media type or the bytes when absent. */
  @IsOptional() @IsString() @MaxLength(40) format?: string;
  /** Channels to publish on; else the agency's defaults. */
  @IsOptional() @List() @ArrayMaxSize(20) @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/, { each: true }) channels?: string[];

  @IsOptional() @List() @ArrayMaxSize(10) @Matches(HARM_PATTERN, { each: true, message: HARM_WANTED }) harm?: string[];
  @IsOptional() @IsIn(CONTENT_CONTEXTS) context?: ContentContext;
  @IsOptional() @IsIn(CSEA_CLASSES) csea_class?: CseaClass;
  @IsOptional() @IsIn(CSEA_VERIFICATIONS) csea_verification?: CseaVerification;
  @IsOptional() @JsonText(EntityParameters) @ValidateNested() @Type(() => EntityParameters) entity?: EntityParameters;
  @IsOptional()
  @JsonText(UnlawfulInParameters)
  @IsArray()
  @ArrayMaxSize(30)
  @ValidateNested({ each: true })
  @Type(() => UnlawfulInParameters)
  unlawful_in?: UnlawfulInParameters[];
  @IsOptional() @Whole() @IsInt() @Min(0) @Max(100) confidence?: number;
  @IsOptional() @IsIn(SEVERITIES) severity?: Severity;
  @IsOptional() @IsIn(CEILINGS) ceiling?: Ceiling;
  @IsOptional() @JsonText() @IsObject() ceiling_by_country?: Record<string, Ceiling>;
  @IsOptional() @IsLine() @Length(1, 300) legal_basis?: string;
  @IsOptional() @IsIn(NATURES) nature?: Nature;
  @IsOptional() @Matches(ORIGIN_PATTERN) origin?: string;
  @IsOptional() @IsIn(SURFACES) surface?: Surface;
  @IsOptional() @IsMoment() valid_from?: string;
  @IsOptional() @IsMoment() valid_until?: string;
  /** Days from receipt. */
  @IsOptional() @Whole() @IsInt() @Min(1) @Max(LONGEST_VALIDITY_DAYS) valid_for?: number;
  @IsOptional() @IsMoment() last_seen_live_at?: string;
  @IsOptional() @Matches(COUNTRY) jurisdiction?: string;
  @IsOptional() @Matches(/^[a-zA-Z]{2,3}(-[a-zA-Z0-9]{2,8}){0,3}$/) language?: string;
  /** Id of a desk that the agency registered. */
  @IsOptional() @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/) contact_desk?: string;

  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (typeof value === 'string' ? (readTlp(value) ?? value) : value))
  @IsIn(['clear', 'green', 'amber', 'amber+strict', 'red'])
  tlp?: 'clear' | 'green' | 'amber' | 'amber+strict' | 'red';
  @IsOptional() @List() @ArrayMaxSize(250) @Matches(COUNTRY, { each: true }) releasable_to?: string[];
  @IsOptional() @List() @ArrayMaxSize(20) @Matches(CAVEAT_PATTERN, { each: true }) caveats?: string[];
  @IsOptional() @IsIn(RECIPIENT_AUDIENCES) audience?: RecipientAudience;
  /** Classification of the document as a whole, in any usual spelling; refused above the deployment's level. */
  @IsOptional() @IsString() @MaxLength(200) classification?: string;

  @IsOptional() @IsIn(SIGNAL_TYPES) signal_type?: SignalType;
  @IsOptional() @JsonText(ColumnParameters) @ValidateNested() @Type(() => ColumnParameters) columns?: ColumnParameters;
  @IsOptional() @Matches(/^[\t\x20-\x7e\xa1-\ud7ff\ue000-\uffff]$/) delimiter?: string;
  @IsOptional()
  @JsonText(BulletinParameters)
  @ValidateNested()
  @Type(() => BulletinParameters)
  bulletin?: BulletinParameters;
  /** Marks everything in the submission as an exercise; only drill channels may carry it. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  drill?: boolean;

  /** Other agencies that assert something about the same signals wait until this one was asked. It never leaves. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  ask_first?: boolean;
}

function namedProblems(errors: readonly ValidationError[], path = ''): string[] {
  return errors.flatMap((error) => {
    const name = path + error.property;
    const own = Object.values(error.constraints ?? {}).map(
      (sentence) => `${name}: ${sentence.replace(error.property, 'it')}`,
    );
    return [...own, ...namedProblems(error.children ?? [], `${name}.`)];
  });
}

/**
 * Reads parameters as given.
 * @throws a rejection `TOC_REQUEST_PARAMETER` that names every parameter that is wrong, never its value
 */
export function readSubmissionParameters(given: Record<string, unknown>): SubmissionParameters {
  const parameters = plainToInstance(SubmissionParameters, given);
  const problems = namedProblems(
    validateSync(parameters, { whitelist: true, forbidNonWhitelisted: true, forbidUnknownValues: true }),
  );
  // Names that every object has are passed over without a word.
  for (const name of Object.keys(given)) if (name in Object.prototype) problems.push(`${name}: it should not exist`);
  const byCountry: unknown = parameters.ceiling_by_country;
  if (byCountry && typeof byCountry === 'object') {
    for (const [country, ceiling] of Object.entries(byCountry)) {
      if (!COUNTRY.test(country) || !CEILINGS.includes(ceiling as Ceiling))
        problems.push('ceiling_by_country: it must map countries to ceilings');
    }
  }
  if (problems.length > 0) {
    throw rejection('TOC_REQUEST_PARAMETER', `${problems.length} parameter(s) are not valid`, {
      problems: problems.slice(0, 50),
    });
  }
  return parameters;
}

/** A moment with any offset, as UTC. */
function utc(time: string | undefined): string | undefined {
  return time === undefined ? undefined : new Date(time).toISOString();
}

/** What the parameters say, in the domain's words. */
export function draftOfParameters(parameters: SubmissionParameters): StatementDraft {
  const { tlp, releasable_to, caveats, audience } = parameters;
  const marked = tlp ?? releasable_to ?? caveats ?? audience;
  return {
    harms: parameters.harm,
    context: parameters.context,
    cseaClass: parameters.csea_class,
    cseaVerification: parameters.csea_verification,
    entity: parameters.entity && { name: parameters.entity.name, designations: parameters.entity.designations ?? [] },
    unlawfulIn: parameters.unlawful_in,
    confidence: parameters.confidence,
    severity: parameters.severity,
    ceiling: parameters.ceiling,
    ceilingByCountry: parameters.ceiling_by_country,
    legalBasis: parameters.legal_basis,
    nature: parameters.nature,
    origin: parameters.origin,
    surface: parameters.surface,
    validFrom: utc(parameters.valid_from),
    validUntil: utc(parameters.valid_until),
    validFor: parameters.valid_for,
    lastSeenLiveAt: utc(parameters.last_seen_live_at),
    jurisdiction: parameters.jurisdiction,
    language: parameters.language,
    contactDesk: parameters.contact_desk,
    marking: marked === undefined ? undefined : { tlp, releasableTo: releasable_to, caveats, audience },
  };
}

/** The bulletin in the parameters, in the domain's words. */
export function bulletinOfParameters({ bulletin }: SubmissionParameters): Bulletin | undefined {
  return (
    bulletin && {
      title: bulletin.title,
      whatIsHappening: bulletin.what_is_happening,
      howToRecognise: bulletin.how_to_recognise,
      whatToDo: bulletin.what_to_do,
    }
  );
}
