import { Inject, Injectable } from '@nestjs/common';
import { DataSource, type EntityManager } from 'typeorm';
import { KeyRing, type Principal } from '#libs/access';
import { rejection } from '#libs/domain';
import { signalsOfStixObject } from '#libs/formats';
import { changeState, query } from '#libs/persistence';
import type { ObjectsAsked } from '#libs/taxii';
import { SubmissionKey } from '../accept-submission/part-sealing.js';
import { SubmissionReader } from '../read-submission/submission-reader.js';
import { Retractions } from '../take-back-advisory/retractions.js';
import { findObjects, type FoundObject } from './find-objects.js';
import { markEnds } from './place-objects.js';

/** States in which it is known what a submission asserts, and that it will assert nothing more. */
const ENDED: ReadonlySet<string> = new Set(['settled', 'refused']);
/** Versions that are deleted in one request. */
const MOST_VERSIONS = 1000;

/** Takes objects out of an agency's collection, and takes back what they asserted. */
@Injectable()
export class ObjectDeletion {
  constructor(
    @Inject(DataSource) private readonly database: DataSource,
    private readonly reader: SubmissionReader,
    private readonly retractions: Retractions,
    private readonly wrappingKeys: KeyRing,
  ) {}

  /**
   * Deletes versions of an object. With the newest goes what was asserted, by a retraction like any other, which is stored
   * first: asked again after a crash, both are done.
   * @param asked of one id
   * @throws rejections `TOC_ACCESS_NOT_FOUND`; `TOC_REQUEST_CONFLICT` while it is not known what the object asserts
   */
  async delete(principal: Principal, asked: ObjectsAsked): Promise<void> {
    const { organisationId: agencyId } = principal;
    const step = { ...asked, limit: MOST_VERSIONS };
    let found = await findObjects(this.database, agencyId, step, { withBytes: false });
    if (found.length === 0) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
    await this.deleteVersions(principal, found);
    while (asked.versions.all && found.length === MOST_VERSIONS) {
      found = await findObjects(this.database, agencyId, step, { withBytes: false });
      await this.deleteVersions(principal, found);
    }
  }

  private async deleteVersions(principal: Principal, found: readonly FoundObject[]): Promise<void> {
    const { organisationId: agencyId } = principal;
    const newest = found.find(({ is_last: isLast }) => isLast);
    if (newest) await this.retract(principal, await this.withBytes(agencyId, newest));
    const objectId = found[0]?.object_id ?? '';
    const submissionIds = found.map(({ submission_id: id }) => id);
    await changeState(this.database, 'intake', async (manager) => {
      await manager.query('SELECT FROM intake.submission WHERE id = ANY ($1) ORDER BY id FOR UPDATE', [submissionIds]);
      await manager.query('UPDATE intake.collection SET revision = revision + 1 WHERE agency_id = $1', [agencyId]);
      const gone = await manager.query<object[]>(
        `WITH gone AS (DELETE FROM intake.object WHERE agency_id = $1 AND added_at = ANY ($2::timestamptz[]) RETURNING 1) SELECT FROM gone`,
        [agencyId, found.map(({ added_at: addedAt }) => addedAt)],
      );
      if (gone.length === 0) return { result: undefined, audit: undefined };
      await markEnds(manager, agencyId, [objectId]);
      await letGo(manager, submissionIds);
      const audit = {
        actor: principal.personId,
        action: 'delete-object',
        subject: `agency/${agencyId}`,
        detail: { object: objectId, versions: gone.length, newest: newest !== undefined },
      };
      return { result: undefined, audit };
    });
  }

  private async retract(principal: Principal, newest: FoundObject): Promise<void> {
    const { submission_id: submissionId, object_id: objectId, place } = newest;
    const { isVersioned, signals } = await signalsOfStixObject(this.bytesOf(newest));
    if (signals.length === 0) return;
    const { state } = await this.reader.read(principal, submissionId);
    if (!ENDED.has(state))
      throw rejection('TOC_REQUEST_CONFLICT', 'it is not known yet what the object asserts; its status is pending', {
        status: submissionId,
      });
    await this.retractions.receiveOfObject(
      principal,
      {
        object: { submission: submissionId, ...(isVersioned ? { id: objectId } : {}) },
        signals: signals.map(({ type, value }) => ({ type, value })),
      },
      `delete ${submissionId}/${place}`,
    );
  }

  /** The one object, which may be as large as an envelope. */
  private async withBytes(agencyId: string, { object_id: id, added_at: addedAt }: FoundObject): Promise<FoundObject> {
    const [row] = await query<FoundObject>(
      this.database,
      `SELECT o.*, k.wrapping_key_id, k.wrapped FROM intake.object o JOIN intake.submission_key k USING (submission_id)
        WHERE o.agency_id = $1 AND o.object_id = $2 AND o.added_at = $3::timestamptz`,
      [agencyId, id, addedAt],
    );
    if (!row) throw rejection('TOC_ACCESS_NOT_FOUND', 'there is no such object for this key');
    return row;
  }

  private bytesOf({
    submission_id: id,
    place,
    ciphertext,
    wrapping_key_id: wrappingKeyId,
    wrapped,
  }: FoundObject): Buffer {
    const key = SubmissionKey.unwrap(this.wrappingKeys, id, {
      wrappingKeyId: wrappingKeyId ?? '',
      wrapped: wrapped ?? Buffer.alloc(0),
    });
    try {
      return key.openObject(place, ciphertext ?? Buffer.alloc(0));
    } finally {
      key.destroy();
    }
  }
}

/** From now on the time of keeping runs for submissions of which nothing is left in the collection. */
async function letGo(manager: EntityManager, submissionIds: readonly string[]): Promise<void> {
  await manager.query(
    `UPDATE intake.submission s SET settled_at = now() WHERE id = ANY ($1) AND settled_at = 'infinity'
        AND NOT EXISTS (SELECT FROM intake.object o WHERE o.submission_id = s.id)`,
    [submissionIds],
  );
}
