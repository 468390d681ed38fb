import { applyDecorators } from '@nestjs/common';
import { ApiBody, ApiConsumes, ApiQuery } from '@nestjs/swagger';
import {
  CAVEAT_PATTERN,
  CEILINGS,
  CONTENT_CONTEXTS,
  CSEA_CLASSES,
  CSEA_VERIFICATIONS,
  HARM_PATTERN,
  KNOWN_CAVEATS,
  LONGEST_VALIDITY_DAYS,
  NATURES,
  ORIGIN_PATTERN,
  RECIPIENT_AUDIENCES,
  SEVERITIES,
  SIGNAL_TYPES,
  SURFACES,
  TLP_LEVELS,
} from '#libs/domain';

type Schema = Record<string, unknown>;

const list = (items: Schema): Schema => ({ type: 'array', items });
const words = (values: readonly string[]): Schema => ({ type: 'string', enum: [...values] });
const pattern = (source: RegExp): Schema => ({ type: 'string', pattern: source.source });
const json = (description: string): Schema => ({ type: 'string', format: 'json', description });
const time: Schema = { type: 'string', format: 'date-time' };
const text = (maxLength: number): Schema => ({ type: 'string', maxLength });

/** What may be said beside the document, for the OpenAPI document; the rules themselves are in `SubmissionParameters`. */
export const PARAMETER_SCHEMAS: Readonly<Record<string, Schema>> = {
  format: text(40),
  channels: list({ type: 'string' }),
  harm: list(pattern(HARM_PATTERN)),
  context: words(CONTENT_CONTEXTS),
  csea_class: words(CSEA_CLASSES),
  csea_verification: words(CSEA_VERIFICATIONS),
  entity: json('An object: name, designations [{list, country, date}].'),
  unlawful_in: json('An array of {country, provision}.'),
  confidence: { type: 'integer', minimum: 0, maximum: 100 },
  severity: words(SEVERITIES),
  ceiling: words(CEILINGS),
  ceiling_by_country: json('An object from countries to ceilings.'),
  legal_basis: text(300),
  nature: words(NATURES),
  origin: pattern(ORIGIN_PATTERN),
  surface: words(SURFACES),
  valid_from: time,
  valid_until: time,
  valid_for: { type: 'integer', minimum: 1, maximum: LONGEST_VALIDITY_DAYS, description: 'Days from receipt.' },
  last_seen_live_at: time,
  jurisdiction: pattern(/^[A-Z]{2}$/),
  language: text(40),
  contact_desk: text(63),
  tlp: words(TLP_LEVELS),
  releasable_to: list(pattern(/^[A-Z]{2}$/)),
  caveats: {
    ...list(pattern(CAVEAT_PATTERN)),
    description: `Known: ${KNOWN_CAVEATS.join(', ')}. Nobody receives what carries another one.`,
  },
  audience: words(RECIPIENT_AUDIENCES),
  classification: text(200),
  signal_type: words(SIGNAL_TYPES),
  columns: json('An object: names of the columns or keys value, type, quality.'),
  delimiter: { type: 'string', minLength: 1, maxLength: 1 },
  bulletin: json('An object: title, what_is_happening, how_to_recognise, what_to_do.'),
  drill: { type: 'boolean' },
  ask_first: {
    type: 'boolean',
    description: 'Other agencies that assert something about the same signals wait until this one was asked.',
  },
};

/** Says in the OpenAPI document that a route takes a submission: parameters in the query or a part, the document raw or in a part. */
export function SubmissionBodyApi(): MethodDecorator {
  return applyDecorators(
    ...Object.entries(PARAMETER_SCHEMAS).map(([name, schema]) =>
      ApiQuery({ name, required: false, style: 'form', explode: false, schema }),
    ),
    ApiConsumes('application/octet-stream', 'multipart/form-data'),
    ApiBody({
      required: false,
      description:
        'The document as it is, of any registered format, under any media type; or multipart/form-data with a part `parameters` ' +
        '(a JSON object) and then a part `file`. Either may be compressed with gzip.',
      schema: { type: 'string', format: 'binary' },
    }),
  );
}
