import { isUUID } from 'class-validator';
import { API_KEY_ID } from '#libs/access';
import { rejection } from '#libs/domain';
import { isMoment } from '#libs/events';

/** Whose submissions are undone: all of an agency in a window of time, or those of one of its people, or by one key. */
export interface UndoSelection {
  agency: string;
  person?: string;
  key?: string;
  /** RFC 3339; from this moment on, and before the other. */
  from: string;
  until: string;
}

/** @throws a rejection `TOC_REQUEST_PARAMETER` that names what is wrong */
export function readUndoSelection(given: Record<string, unknown>): UndoSelection {
  const text = (name: keyof UndoSelection, fits: (value: string) => boolean, rule: string): string => {
    const value = given[name];
    if (typeof value === 'string' && fits(value)) return value;
    throw rejection('TOC_REQUEST_PARAMETER', `${name} must be ${rule}`);
  };
  const isId = (value: string): boolean => isUUID(value);
  const selection: UndoSelection = {
    agency: text('agency', isId, 'the id of an agency'),
    ...(given.person === undefined ? {} : { person: text('person', isId, 'the id of a person') }),
    ...(given.key === undefined ? {} : { key: text('key', (value) => API_KEY_ID.test(value), 'the id of a key') }),
    from: text('from', isMoment, 'a moment of RFC 3339'),
    until: text('until', isMoment, 'a moment of RFC 3339'),
  };
  if (Date.parse(selection.until) <= Date.parse(selection.from))
    throw rejection('TOC_REQUEST_PARAMETER', 'until is not after from');
  return selection;
}

/**
 * The submissions meant, as a condition on `normaliser.job j`; retractions stay: what was taken back is not said again.
 * @param first number of the first of its five parameters
 */
export function jobsSelected(
  { agency, person, key, from, until }: UndoSelection,
  first: number,
): { condition: string; parameters: unknown[] } {
  const at = (offset: number): string => `$${first + offset}`;
  return {
    condition: `j.agency_id = ${at(0)} AND j.kind IN ('advisory', 'revision')
      AND (${at(1)}::uuid IS NULL OR j.person_id = ${at(1)}) AND (${at(2)}::text IS NULL OR j.key_id = ${at(2)})
      AND j.received_at >= ${at(3)} AND j.received_at < ${at(4)}`,
    parameters: [agency, person ?? null, key ?? null, from, until],
  };
}
