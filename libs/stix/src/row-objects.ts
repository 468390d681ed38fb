import type { AssertionJson, RowRecord, WithdrawalRecord } from '#libs/events';
import { identityId, objectId, type ObjectType } from './object-ids.js';
import { patternOf, SIGNAL_PATTERN_TYPE } from './signal-pattern.js';
import { present, qualityOf, STATEMENT_EXTENSION, statementExtension, validFrom } from './statement-extension.js';
import { tlpMarkingId } from './tlp-markings.js';

/** What the object of a row says beside the statement: which row it is, which version, and who said what. */
export const ROW_EXTENSION = 'extension-definition--4619b23b-2c30-4e94-b132-651fb55cb53f';

/** Everything of an object that is not in the record of its row. */
export interface ObjectFrame {
  /** The exchange, which made the object out of what agencies said: the same for every version. */
  creator: string;
  /** When the row first came to the channel, and when this version did: STIX timestamps. */
  created: string;
  modified: string;
}

/** An object of STIX 2.1. */
export interface StixObject {
  type: string;
  id: string;
  [property: string]: unknown;
}

/** The object of a live row: an indicator for a signal, a report for a bulletin. */
export function objectOfRow(row: RowRecord, frame: ObjectFrame): StixObject {
  const type: ObjectType = row.bulletin ? 'report' : 'indicator';
  const own = row.bulletin ? reportProperties(row, row.bulletin, frame) : indicatorProperties(row, frame);
  return {
    ...head(type, row, frame),
    ...own,
    ...present({ confidence: row.confidence }),
    labels: labelsOf(row),
    object_marking_refs: [tlpMarkingId(row.marking.tlp)],
    extensions: {
      [STATEMENT_EXTENSION]: { ...statementExtension(row), ...additionsOf(row) },
      [ROW_EXTENSION]: {
        ...rowFacts(row),
        assertions: row.assertions_total > 1 ? row.assertions : row.assertions.map(saidAlone),
        assertions_total: row.assertions_total,
      },
    },
  };
}

/** What one agency alone says is in the statement whole; who says it is not. */
function saidAlone({ advisory_id, agency, contact }: AssertionJson): Record<string, unknown> {
  return present({ advisory_id, agency, contact });
}

/**
 * The object of a row that is live, but no longer passes the receiver's filter: it has ceased to hold. It is not revoked,
 * since it may pass again. A report, which cannot cease to hold, is.
 */
export function objectOutOfFilter(row: RowRecord, frame: ObjectFrame): StixObject {
  const facts = { ...rowFacts(row), reason: 'out-of-filter', restore: false };
  if (!row.signal) return ended('report', { ...row, type: 'withdrawal' }, facts, frame);
  const { created, modified } = frame;
  return {
    ...head('indicator', row, frame),
    ...patternOf(row.signal),
    valid_from: created,
    valid_until: modified > created ? modified : new Date(Date.parse(created) + 1000).toISOString(),
    object_marking_refs: [tlpMarkingId(row.marking.tlp)],
    extensions: { [ROW_EXTENSION]: facts },
  };
}

/**
 * The objects that a withdrawal revokes: those of its generation and of every earlier one. A reader that was away for
 * two generations knows the first, and of a withdrawal only the last is kept.
 */
export function objectsOfWithdrawal(record: WithdrawalRecord, type: ObjectType, frame: ObjectFrame): StixObject[] {
  const { reason, retraction_reason, restore } = record;
  return Array.from({ length: Math.max(1, record.generation) }, (_, before) => {
    const facts = rowFacts({ ...record, generation: before + 1 });
    return ended(
      type,
      { ...record, generation: before + 1 },
      present({ ...facts, reason, retraction_reason, restore }),
      frame,
    );
  });
}

/** Nothing of the content; what the standard has to have is said in words that match nothing. */
function ended(
  type: ObjectType,
  row: Pick<WithdrawalRecord, 'channel' | 'row_id' | 'generation' | 'published_at' | 'type'>,
  facts: Record<string, unknown>,
  frame: ObjectFrame,
): StixObject {
  const required =
    type === 'indicator'
      ? { pattern: 'withdrawn', pattern_type: SIGNAL_PATTERN_TYPE, valid_from: frame.created }
      : { name: 'Withdrawn', published: row.published_at, object_refs: [frame.creator] };
  return { ...head(type, row, frame), revoked: true, ...required, extensions: { [ROW_EXTENSION]: facts } };
}

function head(
  type: ObjectType,
  { channel, row_id: rowId, generation }: Pick<RowRecord, 'channel' | 'row_id' | 'generation'>,
  { creator, created, modified }: ObjectFrame,
): StixObject {
  const id = objectId(type, channel, rowId, generation);
  return { type, spec_version: '2.1', id, created_by_ref: creator, created, modified };
}

function rowFacts(
  row: Pick<RowRecord, 'channel' | 'row_id' | 'version' | 'generation' | 'published_at' | 'drill'>,
): Record<string, unknown> {
  const { channel, row_id, version, generation, published_at, drill } = row;
  return { extension_type: 'property-extension', channel, row_id, version, generation, published_at, drill };
}

/**
 * Tools that know no extension act on what is plainly named: a drill is benign, and what may at most be logged or
 * reviewed is no finding of malice.
 */
function indicatorProperties(row: RowRecord, { created }: ObjectFrame): Record<string, unknown> {
  const mayAct = row.ceiling === 'limit' || row.ceiling === 'block';
  const kind = row.drill ? 'benign' : mayAct ? 'malicious-activity' : 'anomalous-activity';
  const signal = row.signal ?? { type: 'unknown', value: '' };
  return {
    name: `${row.drill ? 'DRILL: ' : ''}${signal.type}, at most ${row.ceiling}`,
    indicator_types: [kind],
    ...patternOf(signal),
    valid_from: validFrom(row) ?? created,
    valid_until: row.valid_until,
  };
}

function reportProperties(
  row: RowRecord,
  bulletin: NonNullable<RowRecord['bulletin']>,
  { creator }: ObjectFrame,
): Record<string, unknown> {
  const { title, what_is_happening: happening, how_to_recognise: recognise, what_to_do: todo } = bulletin;
  const description = [happening, recognise, todo].filter(Boolean).join('\n\n');
  return {
    name: `${row.drill ? 'DRILL: ' : ''}${title}`,
    ...(description && { description }),
    report_types: ['threat-report'],
    published: row.published_at,
    object_refs: [creator],
  };
}

/** What the statement says on objects of one kind alone. */
function additionsOf(row: RowRecord): Record<string, unknown> {
  if (!row.bulletin) return present({ pdq_quality: row.signal?.type === 'pdq' ? qualityOf(row) : undefined });
  const { title, what_is_happening, how_to_recognise, what_to_do } = row.bulletin;
  return present({
    valid_from: validFrom(row),
    valid_until: row.valid_until,
    bulletin: present({ title, what_is_happening, how_to_recognise, what_to_do }),
  });
}

/** Words by which tools without the extension sort. */
function labelsOf(row: RowRecord): string[] {
  return [...row.harms, `ceiling:${row.ceiling}`, ...(row.drill ? ['drill'] : [])];
}

/** The identity that all objects name as their creator. */
export function exchangeIdentity(name: string): StixObject & { created: string; modified: string } {
  const created = '2026-01-01T00:00:00.000Z';
  return {
    ...{ type: 'identity', spec_version: '2.1', id: identityId(name), created, modified: created },
    ...{ name, identity_class: 'system' },
    description: 'The exchange that put together what agencies said; each object names them',
  };
}
