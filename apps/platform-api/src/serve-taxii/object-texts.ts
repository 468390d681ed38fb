import type { RowRecord, WithdrawalRecord } from '#libs/events';
import { objectOfRow, objectOutOfFilter, objectsOfWithdrawal, type ObjectFrame, type StixObject } from '#libs/stix';
import type { Entry } from './find-entries.js';

/** As what an entry is given: live, out of the reader's filter, or ended. */
export type Form = 'live' | 'out' | 'end';

/** An object as JSON text. */
export interface ObjectText {
  id: string;
  type: string;
  text: string;
}

/** Most characters of what is kept. */
const MOST_KEPT = 48 * 1024 * 1024;

/**
 * Writes entries as objects, and keeps what was written for those who read the same: an object is a function of the row's
 * version alone. Whether a reader may have it is decided each time anew, elsewhere.
 */
export class ObjectTexts {
  private readonly kept = new Map<string, ObjectText[]>();
  private size = 0;

  /** @param creator id of the exchange's identity */
  constructor(private readonly creator: string) {}

  /** What was written before; undefined when the record is needed. */
  known({ eventId, addedAt }: Entry, form: Form): ObjectText[] | undefined {
    return this.kept.get(`${eventId}/${form}/${addedAt}`);
  }

  /** @returns nothing for a record that cannot be read: nobody can say what it is, and it must stop nothing (I9) */
  write(entry: Entry, form: Form, record: string): ObjectText[] {
    const objects = this.objectsOf(entry, form, record).map((object) => ({
      ...{ id: object.id, type: object.type },
      text: JSON.stringify(object),
    }));
    this.size += objects.reduce((sum, { text }) => sum + text.length, 0);
    if (this.size > MOST_KEPT) {
      this.kept.clear();
      this.size = 0;
    }
    this.kept.set(`${entry.eventId}/${form}/${entry.addedAt}`, objects);
    return objects;
  }

  private objectsOf({ firstAt, addedAt, bulletin }: Entry, form: Form, text: string): StixObject[] {
    const frame: ObjectFrame = { creator: this.creator, created: firstAt, modified: addedAt };
    try {
      const record: unknown = JSON.parse(text);
      if (form === 'live') return [objectOfRow(record as RowRecord, frame)];
      if (form === 'out') return [objectOutOfFilter(record as RowRecord, frame)];
      return objectsOfWithdrawal(record as WithdrawalRecord, bulletin ? 'report' : 'indicator', frame);
    } catch {
      return [];
    }
  }
}
