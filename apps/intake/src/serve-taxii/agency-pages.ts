import { Inject, Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { KeyRing } from '#libs/access';
import { fault, rejection } from '#libs/domain';
import { query } from '#libs/persistence';
import {
  AnsweredPages,
  fromMicros,
  microsOf,
  type AnsweredPage,
  type GivenObject,
  type ObjectsAsked,
  type PageForm,
} from '#libs/taxii';
import { SubmissionKey } from '../accept-submission/part-sealing.js';
import { findObjects, type FoundObject } from './find-objects.js';

/** What is asked for of a collection, and the form in which it is answered. */
export type PageAsked = PageForm<GivenObject> & { asked: ObjectsAsked };

const PLACE = /^from-(\d{1,18})$/;

/** Answers questions about the collection of an agency. */
@Injectable()
export class AgencyPages {
  private readonly answered = new AnsweredPages();

  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly wrappingKeys: KeyRing,
  ) {}

  /**
   * What was answered is answered again while nothing in the collection has changed.
   * @returns undefined where nothing is found
   * @throws a rejection `TOC_REQUEST_CURSOR`
   */
  async answer(agencyId: string, { asked, gives, as, write }: PageAsked): Promise<AnsweredPage | undefined> {
    const after = placeOf(asked);
    const question = questionOf(agencyId, as, asked);
    const when = await this.revision(agencyId);
    const known = this.answered.get(question);
    if (known?.when === when) return known;
    const found = await findObjects(this.database, agencyId, asked, { after, withBytes: gives });
    if (found.length === 0) return undefined;
    const given = gives ? this.unseal(found) : found.map((object) => asGiven(object, ''));
    const last = given.at(-1)?.dateAdded ?? '';
    const more = Number(found[0]?.found) > found.length;
    const bytes = Buffer.from(write(given, { more, next: more ? `from-${microsOf(last)}` : undefined }));
    const page = { when, bytes, first: given[0]?.dateAdded, last };
    this.answered.keep(question, page);
    return page;
  }

  /** Whether any version of an object is there. */
  async holds(agencyId: string, objectId: string): Promise<boolean> {
    const rows = await query(
      this.database,
      'SELECT FROM intake.object WHERE agency_id = $1 AND object_id = $2 LIMIT 1',
      [agencyId, objectId],
    );
    return rows.length > 0;
  }

  private async revision(agencyId: string): Promise<string> {
    const [row] = await query<{ revision: string }>(
      this.database,
      'SELECT revision FROM intake.collection WHERE agency_id = $1',
      [agencyId],
    );
    return row?.revision ?? '';
  }

  private unseal(found: readonly FoundObject[]): GivenObject[] {
    const keys = new Map<string, SubmissionKey>();
    try {
      return found.map((object) => {
        const { submission_id: id, place, ciphertext, wrapping_key_id: wrappingKeyId, wrapped } = object;
        if (!ciphertext || wrappingKeyId === undefined || !wrapped) throw fault('an object has no bytes or no key');
        const key = keys.get(id) ?? SubmissionKey.unwrap(this.wrappingKeys, id, { wrappingKeyId, wrapped });
        keys.set(id, key);
        return asGiven(object, key.openObject(place, ciphertext).toString());
      });
    } finally {
      for (const key of keys.values()) key.destroy();
    }
  }
}

/** `next` says more than a date beside it. It says everything itself, so it is good any number of times. */
function placeOf({ next, addedAfter }: ObjectsAsked): string | undefined {
  if (next === undefined) return addedAfter;
  const [, micros] = PLACE.exec(next) ?? [];
  const date = micros === undefined ? undefined : fromMicros(BigInt(micros));
  if (date === undefined) throw rejection('TOC_REQUEST_CURSOR', 'this value of next was not given here');
  return date;
}

function asGiven({ object_id: id, added_at: dateAdded, version }: FoundObject, text: string): GivenObject {
  return { id, dateAdded, version, text };
}

function questionOf(agencyId: string, as: string, asked: ObjectsAsked): string {
  const listed = (_name: string, value: unknown): unknown => (value instanceof Set ? [...value] : value);
  return JSON.stringify([agencyId, as, asked], listed);
}
