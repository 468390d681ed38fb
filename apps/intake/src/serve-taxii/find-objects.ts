import type { DataSource, EntityManager } from 'typeorm';
import { query } from '#libs/persistence';
import type { ObjectsAsked } from '#libs/taxii';
import { AS_TAXII } from './place-objects.js';

/** An object of a collection. */
export interface FoundObject {
  object_id: string;
  added_at: string;
  version: string;
  is_last: boolean;
  submission_id: string;
  place: number;
  /** Where bytes were asked for. */
  ciphertext?: Buffer;
  wrapping_key_id?: string;
  wrapped?: Buffer;
  /** How many were found: one more than the limit where there are more. */
  found: string;
}

/** Most bytes of the objects of a page. */
const MOST_BYTES = 4 * 1024 * 1024;

/** Builds the text of a query and its parameters together. */
class Conditions {
  readonly parameters: unknown[] = [];
  readonly all: string[] = [];

  value(given: unknown): string {
    this.parameters.push(given);
    return `$${this.parameters.length}`;
  }
}

/** Where looking begins: each way has an index that gives objects in order of date, so that a page costs the same at any depth. */
function source(asked: ObjectsAsked, conditions: Conditions, agency: string): string {
  const { ids, types, versions } = asked;
  const of = (column: string, values: ReadonlySet<string>, type = 'text'): [string, string] => [
    `unnest(${conditions.value([...values])}::${type}[]) i (value) CROSS JOIN LATERAL (SELECT * FROM intake.object`,
    `${column} = i.value AND agency_id = ${agency}`,
  ];
  const onlyTimes = !versions.all && !versions.first && !versions.last;
  const [from, which] = ids
    ? of('object_id', ids)
    : types
      ? of('type', types)
      : onlyTimes
        ? of('version_at', versions.times, 'timestamptz')
        : ['(SELECT * FROM intake.object', `agency_id = ${agency}`];
  const where = [which, ...conditions.all].join(' AND ');
  return `${from} WHERE ${where} ORDER BY added_at LIMIT ${conditions.value(asked.limit + 1)}) o`;
}

/**
 * Objects of an agency's collection after a date, in order of date.
 * @param withBytes whether they are given, up to a bound of bytes, or only their ids, dates and versions
 * @returns at most as many as were asked for; the first in any case
 */
export async function findObjects(
  database: DataSource | EntityManager,
  agencyId: string,
  asked: ObjectsAsked,
  { after, withBytes }: { after?: string; withBytes: boolean },
): Promise<FoundObject[]> {
  const conditions = new Conditions();
  const agency = conditions.value(agencyId);
  const { versions, types, ids, specVersions } = asked;
  if (after !== undefined) conditions.all.push(`added_at > ${conditions.value(after)}::timestamptz`);
  if (ids && types) conditions.all.push(`type = ANY (${conditions.value([...types])})`);
  if (specVersions) {
    conditions.all.push(`spec_version = ANY (${conditions.value([...specVersions])})`);
    if (!specVersions.has('2.1')) conditions.all.push(`spec_version <> '2.1'`);
  }
  if (!versions.all) {
    const any = [
      ...(versions.first ? ['is_first'] : []),
      ...(versions.last ? ['is_last'] : []),
      ...(versions.times.size > 0
        ? [`version_at = ANY (${conditions.value([...versions.times])}::timestamptz[])`]
        : []),
    ];
    conditions.all.push(`(${any.join(' OR ')})`);
  }
  const bytes = withBytes ? 'o.ciphertext, k.wrapping_key_id, k.wrapped,' : '';
  const sql = `
    SELECT o.object_id, to_char(o.added_at AT TIME ZONE 'UTC', ${AS_TAXII}) AS added_at, o.version, o.is_last,
      o.submission_id, o.place, ${bytes} o.found
    FROM (
      SELECT o.*, row_number() OVER d AS nth, count(*) OVER () AS found, sum(octet_length(o.ciphertext)) OVER d AS total
      FROM (SELECT o.* FROM ${source(asked, conditions, agency)} ORDER BY o.added_at LIMIT ${conditions.value(asked.limit + 1)}) o
      WINDOW d AS (ORDER BY o.added_at)
    ) o ${withBytes ? 'JOIN intake.submission_key k ON k.submission_id = o.submission_id' : ''}
    WHERE nth <= ${conditions.value(asked.limit)} ${withBytes ? `AND (total <= ${MOST_BYTES} OR nth = 1)` : ''}
    ORDER BY o.added_at`;
  return 'initialize' in database
    ? query<FoundObject>(database, sql, conditions.parameters)
    : database.query<FoundObject[]>(sql, conditions.parameters);
}
