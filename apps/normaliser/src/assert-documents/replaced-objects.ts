import type { EntityManager } from 'typeorm';
import { RETRACTION_REASONS, TocsinError } from '#libs/domain';
import type { EmptiedVersion } from '#libs/formats';
import type { DirectorySnapshot } from '../read-directory/directory-snapshot.js';
import type { IdentifiedCandidate } from '../read-documents/reader-messages.js';
import { removeAssertions } from '../take-back/assertion-remover.js';
import type { RowWriter, WithdrawalCause } from '../write-rows/row-writer.js';
import type { ObjectOwnership } from './object-ownership.js';

/** Why what an object said is taken back, in the order in which it is done. */
const REASONS = ['no-longer-needed', 'issued-in-error', 'superseded'] as const;
type Reason = (typeof REASONS)[number];

function causeFor(reason: Reason): WithdrawalCause {
  return { reason: 'retracted', retractionReason: reason, restore: RETRACTION_REASONS[reason].restore };
}

/**
 * Producers' objects of one chunk of which a version was held before: a newer version no longer says what only the
 * older one said, and one that is revoked, harmless or of no use says nothing more.
 */
export class ReplacedObjects {
  private readonly replaced = new Set<string>();
  private readonly emptied = new Map<string, Reason>();

  constructor(private readonly ownership: ObjectOwnership) {}

  /** Claims the version of a candidate. @returns why it may not be, if so */
  replace(version: { objectRef: string; objectModified?: string }): TocsinError | undefined {
    const claim = this.ownership.claim(version);
    if (claim instanceof TocsinError) return claim;
    this.emptied.delete(version.objectRef);
    if (claim.replaces) this.replaced.add(version.objectRef);
    return undefined;
  }

  /** Takes an object back for good. @returns why it may not be, if so */
  revoke(version: { objectRef: string; objectModified?: string }): TocsinError | undefined {
    const claim = this.ownership.claim(version, true);
    if (claim instanceof TocsinError) return claim;
    this.emptied.set(version.objectRef, 'no-longer-needed');
    return undefined;
  }

  /**
   * Notes that a version of an object says nothing that can be published.
   * @param harmless it says of what was said before that it is harmless
   * @returns whether an older version was held, of which nothing stays
   */
  empty({ objectRef, objectModified }: EmptiedVersion, harmless = false): boolean {
    if (objectRef === undefined) return false;
    const claim = this.ownership.claim({ objectRef, objectModified });
    if (claim instanceof TocsinError || !claim.replaces || !claim.isNewer) return false;
    this.emptied.set(objectRef, harmless ? 'issued-in-error' : 'superseded');
    return true;
  }

  /**
   * Takes back what no object says any more, after what they say now was written.
   * @param said what the chunk stated; of several versions of an object the last one counts
   */
  async takeBack(
    manager: EntityManager,
    directory: DirectorySnapshot,
    rows: RowWriter,
    agencyId: string,
    said: readonly IdentifiedCandidate[],
  ): Promise<void> {
    const refs = [...new Set([...this.replaced, ...this.emptied.keys()])];
    if (refs.length === 0) return;
    const lastSaid = new Map(said.map(({ objectRef = '', signals }) => [objectRef, signals.map(({ id }) => id)]));
    for (const ref of this.emptied.keys()) lastSaid.delete(ref);
    const stored = await manager.query<{ advisory_id: string; row_id: string; object_key: string }[]>(
      `SELECT a.advisory_id, a.row_id, a.object_key FROM normaliser.assertion a JOIN normaliser.advisory v ON v.id = a.advisory_id
        WHERE a.object_key = ANY($1) AND v.agency_id = $2`,
      [refs, agencyId],
    );
    const gone = stored
      .filter(({ row_id, object_key }) => !lastSaid.get(object_key)?.includes(row_id))
      .map(({ advisory_id, row_id, object_key }) => ({
        advisoryId: advisory_id,
        rowId: row_id,
        objectKey: object_key,
      }));
    for (const reason of REASONS) {
      const keys = gone.filter(({ objectKey }) => (this.emptied.get(objectKey) ?? 'superseded') === reason);
      await removeAssertions(manager, directory, rows, keys, causeFor(reason));
    }
  }
}
